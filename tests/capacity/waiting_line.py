"""A service that answers so many requests at a time, each in the same time: what a run of load would see of it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from plimsoll.model import Finding, Objective, Promise
from plimsoll.model.load import Plan, steady
from plimsoll.observations.load import Generator, Level, LoadRun, Order, Pulse, Reading, Tally, Window
from plimsoll.rules import RULES
from plimsoll.rules.capacity.levels import level_of
from plimsoll.statistics.scaling import law

SECOND = 1_000_000_000
LIMIT = 200_000_000
SEEN_AT = datetime(2026, 3, 1, tzinfo=UTC)
PROMISE = Promise(
    id="SLO-1",
    rule="latency-within",
    area="slo",
    title="95 % within 200 ms",
    source="a sample",
    parameters={"milliseconds": 200},
)


def run_of(
    rate: float,
    *,
    servers: int,
    service: float,
    seconds: int = 90,
    seed: int = 1,
    busy: float = 0.2,
    limit: int = LIMIT,
) -> LoadRun:
    """Ninety seconds of arrivals each for himself, first come first served."""
    chance = Random(seed)  # noqa: S311 - no secret: the same seed is the same run
    free = [0.0] * servers
    heapq.heapify(free)
    at, tallies, flights = 0.0, [Tally(route="list", within={limit: 0}) for _ in range(seconds)], [0] * (seconds + 1)
    while (at := at + chance.expovariate(rate)) < seconds:
        ended = max(at, heapq.heappop(free)) + service
        heapq.heappush(free, ended)
        latency, second = round((ended - at) * SECOND), int(at)
        tally = tallies[second]
        tally.latency.add(latency)
        within = {limit: tally.within[limit] + (latency <= limit)}
        tallies[second] = Tally(route="list", good=tally.good + 1, within=within, latency=tally.latency)
        for moment in range(second + 1, min(int(ended), seconds) + 1):
            flights[moment] += 1
    used = min(rate * service, servers)
    return LoadRun(
        deployment="queue",
        target="http://queue",
        plan=Plan(
            phases=steady(rate, seconds),
            limits=(limit,),
            objectives=(Objective(promise=PROMISE.id, bad=0.05, limit=limit),),
        ),
        windows=tuple(
            Window(number=n, phase="steady", judged=True, due=tally.asked, begun=tally.asked, tallies=(tally,))
            for n, tally in enumerate(tallies)
        ),
        generators=(
            Generator(name="one", pulses=tuple(Pulse(number=n, cpu=busy, requests=flights[n]) for n in range(seconds))),
        ),
        readings=tuple(
            Reading(at=float(n), role="app", what="cpu", value=used, limit=float(servers)) for n in range(seconds)
        ),
        seen_at=SEEN_AT,
    )


def level(run: LoadRun, rate: float) -> Level:
    """The level as the look makes it of a run: judged by the promise's own rule."""
    return level_of(run, findings(run), rate=rate)


def findings(run: LoadRun) -> Sequence[Finding]:
    """What the gate's own rule says of the run."""
    return [RULES[PROMISE.rule].judge(PROMISE, run, **PROMISE.parameters)]


def users_of(order: Order, *, alone: float, contention: float, coherency: float) -> LoadRun:
    """The run of an order in the closed model, of a service that obeys the law, by so many users."""
    windows: list[Window] = []
    pulses: list[Pulse] = []
    for phase in order.plan.phases:
        rate = law(phase.rate, alone, contention, coherency)
        for _ in range(int(phase.seconds)):
            tally = Tally(route="list", good=round(100 * rate))  # of a hundred seconds, so that rounding does not show
            tally.latency.add(round(SECOND * phase.rate / rate / 100), tally.good)
            number = len(windows)
            windows.append(Window(number=number, phase=phase.name, judged=phase.judged, tallies=(tally,)))
            pulses.append(Pulse(number=number, cpu=0.3, requests=round(phase.rate)))
    return LoadRun(
        deployment="law",
        target="http://law",
        plan=order.plan,
        windows=tuple(windows),
        generators=(Generator(name="one", pulses=tuple(pulses)),),
        seen_at=SEEN_AT,
    )
