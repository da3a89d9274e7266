"""Runs of load against a small web deployment, made up from a seed: how they look when all is well, and when not."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from plimsoll.model.load import CLOSED, Objective, Phase, Plan, steady
from plimsoll.observations.load import Generator, LoadRecord, LoadRun, Pulse, Reading, Tally, Window
from plimsoll.observations.load.run import STOPPED
from plimsoll.rules.slo.decided import recorded
from plimsoll.statistics.histogram import Histogram

STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
MILLISECOND = 1_000_000
LIMIT = 200 * MILLISECOND
ROUTES = {"GET /trips": (12.0, 3.0), "GET /trips/{id}": (8.0, 2.0), "POST /trips": (30.0, 1.0)}
"""Milliseconds that one takes at the median, and how often it is asked in proportion."""

OBJECTIVES = (
    Objective(promise="SP-SLO-01", bad=0.05, limit=LIMIT),
    Objective(promise="SP-SLO-02", bad=0.001, classes=("status 5", "timed out")),
    Objective(promise="SP-SLO-03", bad=0.05, limit=LIMIT, routes=("POST /trips",)),
)

Answer = Callable[[random.Random, float, float], tuple[float, float, str]]
"""From when a request is due and its usual time in milliseconds: its latency, its service time, what is wrong."""


def quick(chance: random.Random, _: float, usual: float) -> tuple[float, float, str]:
    """A service that is well: log-normal times, a little later than sent."""
    service = usual * math.exp(chance.gauss(0, 0.5))
    return service + 0.2, service, ""


def stalling(chance: random.Random, due: float, usual: float) -> tuple[float, float, str]:
    """One that stands still for the first second of every ten; whoever asks then waits for its end."""
    service = usual * math.exp(chance.gauss(0, 0.5))
    waits = max(0.0, 1 - due % 10) * 1000
    return waits + service + 0.2, service + (waits if chance.random() < 0.1 else 0), ""


def drowning(chance: random.Random, due: float, usual: float) -> tuple[float, float, str]:
    """One that has too much to do: a queue that grows, until it refuses."""
    service = usual * math.exp(chance.gauss(0, 0.5)) + due * due / 2
    if chance.random() < min(0.4, max(0.0, due - 15) / 80):
        return 3.0, 2.5, chance.choice(("status 503", "status 503", "status 503", "timed out", "refused", "wrong body"))
    return service * 1.4, service, ""


@dataclass(slots=True)
class _Counted:
    good: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    within: int = 0
    latency: Histogram = field(default_factory=Histogram)
    failed: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)

    def tally(self, route: str) -> Tally:
        """As a window holds it."""
        return Tally(
            route=route,
            good=self.good,
            bad=dict(self.bad),
            within={LIMIT: self.within},
            latency=self.latency,
            failed=self.failed,
            service=self.service,
        )


def made(
    seconds: int = 60,
    *,
    rate: float = 20.0,
    answer: Answer = quick,
    seed: int = 7,
    warm_up: int = 5,
    cpu: float = 0.2,
    workers: int = 1,
    late: float = 0.4,
    more: tuple[Phase, ...] = (),
) -> LoadRun:
    """A run of so many judged seconds at so many journeys a second, of three requests each on average."""
    chance = random.Random(seed)  # noqa: S311 - a sample, and the same every time
    phases = (*steady(rate, float(seconds), warm_up=float(warm_up)), *more)
    windows = []
    for phase, number in _seconds(phases):
        due = max(0, round(chance.gauss(phase.rate, math.sqrt(phase.rate))))
        counted = {route: _Counted() for route in ROUTES}
        for route in chance.choices([*ROUTES], [weight for _, weight in ROUTES.values()], k=3 * due):
            latency, service, wrong = answer(chance, number + chance.random(), ROUTES[route][0])
            it, taken = counted[route], int(latency * MILLISECOND)
            it.service.add(int(service * MILLISECOND))
            if wrong:
                it.bad[wrong] += 1
                it.failed.add(taken)
            else:
                it.good, it.within = it.good + 1, it.within + (taken <= LIMIT)
                it.latency.add(taken)
        tallies = tuple(it.tally(route) for route, it in counted.items())
        windows.append(
            Window(number=number, phase=phase.name, judged=phase.judged, due=due, begun=due, tallies=tallies)
        )
    return LoadRun(
        deployment="sample",
        target="https://sample.test",
        plan=Plan(phases=phases, limits=(LIMIT,), objectives=OBJECTIVES),
        windows=tuple(windows),
        generators=tuple(_generator(chance, f"{n}", len(windows), cpu, late) for n in range(1, workers + 1)),
        seen_at=STARTED,
        readings=_readings(chance, len(windows)),
        ended=STOPPED,
        tools={"locust": "2.47.0", "python": "3.11.2"},
    )


def _seconds(phases: tuple[Phase, ...]) -> Iterator[tuple[Phase, int]]:
    """Each second, and the phase that it is of."""
    yield from zip((phase for phase in phases for _ in range(int(phase.seconds))), count())


def _generator(chance: random.Random, name: str, seconds: int, cpu: float, late: float) -> Generator:
    lag = Histogram()
    for _ in range(seconds * 10):
        lag.add(int(late * math.exp(chance.gauss(0, 0.6)) * MILLISECOND))
    pulses = tuple(
        Pulse(
            number=n,
            cpu=min(1.0, cpu * math.exp(chance.gauss(0, 0.15))),
            sockets=24,
            journeys=3,
            requests=2,
            collecting=200_000,
        )
        for n in range(seconds)
    )
    return Generator(name=name, pulses=pulses, lag=lag)


def _readings(chance: random.Random, seconds: int) -> tuple[Reading, ...]:
    found, gib = [], 1024.0**3
    for second in range(seconds):
        at = second + 1.5
        for role, share in (("app", 0.55), ("edge", 0.12), ("database", 0.3)):
            found.append(Reading(at=at, role=role, what="cpu", value=2 * share * chance.uniform(0.8, 1.2), limit=2.0))
            memory = gib * share * (0.5 + 0.3 * second / seconds)
            found.append(Reading(at=at, role=role, what="memory", value=memory, limit=gib if role != "edge" else 0.0))
        found.append(
            Reading(at=at, role="database", what="connections", value=float(chance.randint(8, 14)), limit=100.0)
        )
    return tuple(found)


def healthy() -> LoadRun:
    """A minute and a half of a service that keeps what it promises."""
    return made(90)


def stalled() -> LoadRun:
    """A minute of a service that stands still for a second of every ten."""
    return made(60, answer=stalling)


def overloaded() -> LoadRun:
    """Three quarters of a minute of a service that was asked too much."""
    return made(45, rate=60.0, answer=drowning, workers=2)


def void() -> LoadRun:
    """A minute whose generator was the bottleneck."""
    return made(60, cpu=0.97, late=60.0)


def hour() -> LoadRun:
    """An hour, with a spike in the middle."""
    spike = Phase(name="spike", seconds=300.0, rate=18.0, until=18.0)
    after = Phase(name="after the spike", seconds=1500.0, rate=6.0, until=6.0)
    return made(1740, rate=6.0, warm_up=60, more=(spike, after))


def empty() -> LoadRun:
    """A run in which nothing was ever asked."""
    run = made(1, rate=0.0, warm_up=0)
    return replace(run, windows=(), generators=(), readings=(), trouble="cannot connect to sample.test: refused")


def closed() -> LoadRun:
    """A minute of users who wait for their answers."""
    run = made(60)
    return replace(run, plan=replace(run.plan, model=CLOSED))


def record(run: LoadRun, promises: tuple[str, ...] = ("SP-SLO-01", "SP-SLO-02", "SP-SLO-03")) -> LoadRecord:
    """As a report keeps it."""
    return recorded(run, promises=promises)
