"""How many replicas a rate takes, and whether the deployment's own bounds let there be so many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests, TerraformFiles
from plimsoll.observations.load import Capacity, Level
from plimsoll.rules.capacity.fleets import CPU, Fleet, fleets_of
from plimsoll.statistics.scaling import FURTHEST

__all__ = ["replicas_suffice"]

FULL = 100.0
"""Per cent of its processors that a replica is used to where nothing makes replicas more."""

MILLISECONDS = 1000


def replicas_suffice(
    promise: Promise,
    seen: Capacity,
    manifests: Manifests | None,
    terraform: TerraformFiles | None,
    *,
    times: float = 1.5,
    rate: float = 0.0,
    workload: str = "",
    files: str = "",
) -> Finding:
    """The replicas that the autoscaler may make (or that are fixed) have the processors for `rate` journeys a second.

    Without a `rate`, for so many `times` what the workload states. A request costs what it was measured to cost the
    application's processors (the utilization law), and an autoscaler keeps each replica at its target of what it
    requests. A processor counts as one of those that were measured. A rate beyond twice the largest that was measured
    is refused: databases and caches are shared, and nobody knows what they would do.
    """
    wanted = rate or times * seen.stated
    expected = f"replicas enough for {wanted:g} journeys a second within the deployment's own bounds"
    fleets = _serving(fleets_of(manifests, terraform, files=files), workload, seen.application)
    if not fleets:
        why = "no file says how many replicas there may be"
        return promise.not_applicable(why) if promise.general else promise.unknown(why, expected=expected)
    level = measured(seen)
    if level is None or (doubt := _doubt(fleets, level, wanted)):
        why = doubt if level else "no sound level says what a request costs the application"
        return promise.unknown(why, expected=expected)
    requests, cost = wanted * seen.requests, _cost(level, seen)
    evidence = [
        line for fleet in fleets for line in _lines(fleet, requests, cost, seen.requests, known=FURTHEST * level.rate)
    ]
    needed = {fleet: max(replicas(requests, cost, fleet), fleet.least or 1) for fleet in fleets}
    worst = max(fleets, key=lambda fleet: needed[fleet] / (fleet.most or 1))
    count, most = needed[worst], worst.most or 0
    actual = f"{count} of {worst.range} replicas of {worst.name}: {evidence[0]}"
    if count <= most:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    what = f"{wanted:g} journeys a second take {count} replicas, {worst.name} has at most {most}"
    fix = f"at most {count} replicas, or more processors for each"
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"{worst.bounds}: {what}",
        hint=fix,
        evidence=evidence,
        holes=(Hole(spot=worst.bounds, what=what, fix=fix),),
    )


def _doubt(fleets: Sequence[Fleet], level: Level, wanted: float) -> str:
    """Why nobody can tell how many replicas that takes; "" where it can be told."""
    if len(names := dict.fromkeys(fleet.name for fleet in fleets)) > 1:
        return f'which of {" and ".join(names)} serves the requests? the promise names none (workload = "…")'
    if wanted > FURTHEST * level.rate:
        most = f"{FURTHEST:g} times the largest level measured, {level.rate:g}"
        return f"{wanted:g} journeys a second are beyond {most}: measure {wanted / FURTHEST:g} or more"
    for fleet in fleets:
        if fleet.cpu is None or fleet.most is None:
            lacking = "what processors a replica requests" if fleet.cpu is None else "how many replicas there may be"
            return f"{fleet.spot}: {fleet.name} does not say {lacking}"
    return ""


def _lines(fleet: Fleet, requests: float, cost: float, each: float, *, known: float) -> Iterator[str]:
    """How it was reckoned, and how far the bounds reach."""
    target = fleet.levels.get(CPU, FULL)
    yield (
        f"{requests:.3g} requests a second at {cost * MILLISECONDS:.3g} ms of a processor each, "
        f"replicas of {fleet.cpu:g} processors at {target:g} %"
    )
    reach = int((fleet.most or 0) * (fleet.cpu or 0) * target / FULL / (cost * each))
    far = f"{reach}" if reach <= known else f"{known:g} (beyond that nobody can tell)"
    yield f"{fleet.bounds}: {fleet}; {fleet.most} have processors for {far} journeys a second"


def replicas(requests: float, cost: float, fleet: Fleet) -> int:
    """How many replicas an autoscaler makes for so many requests a second (Kubernetes: HPA, algorithm details)."""
    target = fleet.levels.get(CPU, FULL) / 100
    return max(1, math.ceil(round(requests * cost / ((fleet.cpu or 1.0) * target), 9)))


def measured(seen: Capacity) -> Level | None:
    """The largest level that was sound and steady, and says what the application's processors did."""
    known = [level for level in seen.levels if level.sound and level.settled and _cost(level, seen) > 0]
    return max(known, key=lambda level: level.rate, default=None)


def _cost(level: Level, seen: Capacity) -> float:
    """Seconds of a processor that a request takes of the application: utilization by throughput."""
    used = level.of(CPU).get(seen.application)
    return used.value / level.asked if used and level.asked else 0.0


def _serving(fleets: Iterable[Fleet], workload: str, application: str) -> tuple[Fleet, ...]:
    """The workload of that name, wherever it runs; without one those that are made more, or called as the role is."""
    every = tuple(fleets)
    if workload:
        return tuple(fleet for fleet in every if fleet.name == workload)
    scaled = tuple(fleet for fleet in every if fleet.automatic)
    called = tuple(fleet for fleet in every if application and application in fleet.name.split("-"))
    return scaled or called or every
