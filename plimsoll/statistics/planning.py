"""Before a run: the smallest count that could decide, the minutes that takes, and the chance that it does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypedDict

from plimsoll.statistics.beta import at_least, at_most
from plimsoll.statistics.proportions import CannotJudge, checked, doubted, first

MOST = 10**9
"""Requests that nobody will send to decide one promise: four months at 100 a second."""

LIKELY = 0.8
"""The chance to decide that a plan should have: customary in the planning of trials (Cohen 1988)."""

SECONDS = 60
"""Of a minute."""


class Words(TypedDict):
    """How sure one wants to be, of how many objectives, and how many bad events count as one."""

    sure: float
    objectives: int
    clumping: float


class CannotDecide(CannotJudge):
    """A plan that ends in UNKNOWN whatever happens. The text says what would have to change, and to what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `of` events at `rate` a second can decide of a promise that no more than the share `limit` is bad.

    PASS with up to `most` bad events, FAIL with `fewest` or more, UNKNOWN in between. `clean` is the smallest count
    that passes without any bad event. `likely` is the count that passes with a chance of LIKELY a service of the
    quality `expected`, and `chance` the chance to pass that service with the count planned.
    """

    limit: float
    of: int
    rate: float
    expected: float
    clean: int
    most: int
    fewest: int | None
    likely: int | None
    chance: float

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return minutes(self.of, self.rate)


def planned(
    limit: float,
    *,
    rate: float,
    of: int,
    expected: float = 0.0,
    sure: float = 0.95,
    objectives: int = 1,
    clumping: float = 1.0,
) -> Plan:
    """The plan for so many events. Raises CannotDecide where not even a run without a bad one would pass."""
    words: Words = {"sure": sure, "objectives": objectives, "clumping": clumping}
    clean = least(limit, **words)
    if rate <= 0:
        raise CannotDecide(f"cannot decide: at {rate:g} events a second nothing is counted")
    most = most_bad(of, limit, **words)
    if most is None:
        seconds = of / rate
        raise CannotDecide(
            f"cannot decide: {of:,} events prove no {100 * (1 - limit):.6g} % of good ones, not even if all are: "
            f"it takes {clean:,}, {minutes(clean, rate):.1f} minutes at {rate:g} a second, or {clean / seconds:.1f} a "
            f"second for {seconds / SECONDS:.1f} minutes"
        )
    return Plan(
        limit=limit,
        of=of,
        rate=rate,
        expected=expected,
        clean=clean,
        most=most,
        fewest=fewest_bad(of, limit, **words),
        likely=likely(expected, limit, **words) if expected < limit else None,
        chance=chance_to_pass(expected, of, limit, **words),
    )


def minutes(of: float, rate: float) -> float:
    """How long so many events take at so many a second."""
    return of / rate / SECONDS


def least(limit: float, bad: int = 0, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0) -> int:
    """The smallest count that passes with so many bad events: 2,995 for 99.9 % and none. Raises CannotDecide."""
    doubt = doubted(sure, objectives)
    checked(bad, bad, limit, clumping)
    count = first(lambda of: at_most(bad / clumping, of / clumping, limit) <= doubt, bad, MOST) if limit else None
    if count is None:
        raise CannotDecide(
            f"cannot decide: no run is long enough to prove a share of {limit:g}; "
            f"{MOST:,} events prove {-math.log(doubt) * clumping / MOST:.1g}"
        )
    return count


def to_fail(limit: float, share: float, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0) -> int:
    """The smallest count at which a bad share above the limit, as it is expected, fails. Raises CannotDecide."""
    doubt = doubted(sure, objectives)
    checked(0, 0, limit, clumping)
    if not limit < share <= 1:
        raise CannotDecide(f"cannot decide: a share of {share:g} keeps the limit of {limit:g}, and never fails")

    def fails(of: int) -> bool:
        n = of / clumping
        return at_least(share * n, n - share * n + 1, limit) <= doubt

    if (count := first(fails, 0, MOST)) is None:
        raise CannotDecide(f"cannot decide: {MOST:,} events do not tell {share:g} from {limit:g}")
    return count


def most_bad(of: int, limit: float, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0) -> int | None:
    """With how many bad events at most a run of so many passes; None where it cannot."""
    doubt = doubted(sure, objectives)
    checked(0, of, limit, clumping)
    if not of or at_most(0, of / clumping, limit) > doubt:
        return None
    over = first(lambda bad: at_most(bad / clumping, of / clumping, limit) > doubt, 0, of)
    return 0 if over is None else over - 1


def fewest_bad(of: int, limit: float, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0) -> int | None:
    """With how many bad events at least a run of so many fails; None where it cannot."""
    doubt = doubted(sure, objectives)
    checked(0, of, limit, clumping)
    return first(lambda bad: at_least(bad / clumping, (of - bad) / clumping + 1, limit) <= doubt, 0, of)


def chance_to_pass(
    share: float, of: int, limit: float, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0
) -> float:
    """The chance that so many events pass a service whose true bad share is `share` (exact binomial tail)."""
    most = most_bad(of, limit, sure=sure, objectives=objectives, clumping=clumping)
    return 0.0 if most is None else at_most(math.floor(most / clumping), of / clumping, share)


def likely(
    share: float,
    limit: float,
    *,
    chance: float = LIKELY,
    sure: float = 0.95,
    objectives: int = 1,
    clumping: float = 1.0,
) -> int | None:
    """The smallest count that passes such a service with such a chance, None where MOST are not enough."""

    def count(bad: int) -> int:
        return least(limit, bad, sure=sure, objectives=objectives, clumping=clumping)

    def enough(bad: int) -> bool:
        of = count(bad)
        return at_most(math.floor(bad / clumping), of / clumping, share) >= chance

    if enough(0):
        return count(0)
    bad = first(enough, 0, math.floor(limit * MOST / 2))
    return None if bad is None else count(bad)
