"""Whether the deployment carries more than it is said to have to."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.load import Capacity
from plimsoll.rules.capacity.answers import answer, table

__all__ = ["headroom_kept"]


def headroom_kept(promise: Promise, seen: Capacity, *, times: float = 1.5) -> Finding:
    """So many `times` the stated workload, the deployment still keeps its promises of service.

    Found by a search: steady levels, each judged as the gate judges its one. A level that keeps every promise carries
    all rates below it; one that surely breaks a promise shows that the rates above are too much. What lies between, or
    beyond what the generator can ask, is unknown.
    """
    wanted = times * seen.stated
    expected = (
        f"every promise of service kept at {wanted:g} journeys a second, {times:g} times the {seen.stated:g} stated"
    )
    said, evidence = answer(seen), table(seen)
    best, broken = seen.best, seen.broken
    if best is not None and best.rate >= wanted:
        return promise.kept(expected=expected, actual=said, evidence=evidence)
    if broken is not None and broken.rate <= wanted:
        return promise.broken(
            expected=expected,
            actual=said,
            message=f"at {broken.rate:g} journeys a second a promise is broken: {said}",
            hint="more of what is full first, which stands below; or fewer requests for the same work",
            evidence=evidence,
        )
    why = f"{wanted:g} journeys a second were not decided: {said}"
    hint = "a longer search_seconds in [workload], a quieter machine, or more of them for the generator"
    return promise.unknown(why, expected=expected, hint=hint, evidence=evidence)
