"""How many replicas a rate takes, and whether the deployment's own bounds let there be so many."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Manifests, TerraformFiles
from plimsoll.observations.load import Capacity, Level
from plimsoll.rules.capacity.answers import settled
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
    fleets = [each for each in fleets_of(manifests, terraform, files=files) if not workload or each.name == workload]
    fleet = _the_one(fleets, seen)
    if fleet is None:
        named = ", ".join(each.name for each in fleets)
        why = f"which of {named} serves the requests?" if fleets else "no file says how many replicas there may be"
        hint = 'workload = "…"' if fleets else ""
        return promise.unknown(why, expected=expected, hint=hint) if fleets else _nothing(promise, why, expected)
    level = measured(seen)
    if level is None:
        return promise.unknown("no sound level says what a request costs the application", expected=expected)
    if wanted > FURTHEST * level.rate:
        return promise.unknown(
            f"{wanted:g} journeys a second are beyond {FURTHEST:g} times the largest level measured, {level.rate:g}",
            expected=expected,
            hint=f"measure {wanted / FURTHEST:g} or more",
        )
    if fleet.cpu is None or fleet.most is None:
        lacking = "what processors a replica requests" if fleet.cpu is None else "how many replicas there may be"
        return promise.unknown(f"{fleet.spot}: {fleet.name} does not say {lacking}", expected=expected)
    cost = _cost(level, seen)
    needed = max(replicas(wanted * seen.requests, cost, fleet), fleet.least or 1)
    target = fleet.levels.get(CPU, FULL)
    how = (
        f"{wanted * seen.requests:.3g} requests a second at {cost * MILLISECONDS:.3g} ms of a processor each, "
        f"replicas of {fleet.cpu:g} processors at {target:g} %"
    )
    actual = f"{needed} of {fleet.range} replicas of {fleet.name}"
    reach = int(fleet.most * fleet.cpu * target / 100 / (cost * seen.requests))
    evidence = (how, f"{fleet.bounds}: {fleet}", f"{fleet.most} replicas have processors for {reach} journeys a second")
    if needed <= fleet.most:
        return promise.kept(expected=expected, actual=f"{actual}: {how}", evidence=evidence)
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"{fleet.bounds}: {wanted:g} journeys a second take {needed} replicas, {fleet.name} has at most "
        f"{fleet.most}: {how}",
        hint=f"at most {needed} replicas, or more processors for each",
        evidence=evidence,
    )


def replicas(requests: float, cost: float, fleet: Fleet) -> int:
    """How many replicas an autoscaler makes for so many requests a second (Kubernetes: HPA, algorithm details)."""
    target = fleet.levels.get(CPU, FULL) / 100
    return max(1, math.ceil(round(requests * cost / ((fleet.cpu or 1.0) * target), 9)))


def measured(seen: Capacity) -> Level | None:
    """The largest level that was sound and steady, and says what the application's processors did."""
    known = [level for level in seen.levels if level.sound and settled(level) and _cost(level, seen) > 0]
    return max(known, key=lambda level: level.rate, default=None)


def _cost(level: Level, seen: Capacity) -> float:
    """Seconds of a processor that a request takes of the application: utilization by throughput."""
    used = level.of(CPU).get(seen.application)
    return used.value / level.asked if used and level.asked else 0.0


def _the_one(fleets: Sequence[Fleet], seen: Capacity) -> Fleet | None:
    """The workload that serves: the only one, or the only one that is named for the application's role."""
    if len(fleets) == 1:
        return fleets[0]
    scaled = [fleet for fleet in fleets if fleet.automatic]
    if len(scaled) == 1:
        return scaled[0]
    named = [fleet for fleet in fleets if seen.application and seen.application in fleet.name.split("-")]
    return named[0] if len(named) == 1 else None


def _nothing(promise: Promise, why: str, expected: str) -> Finding:
    """Nothing that this speaks of: no failure of a deployment that never said so in general."""
    return promise.not_applicable(why) if promise.general else promise.unknown(why, expected=expected)
