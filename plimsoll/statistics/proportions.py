"""A share of bad events is within its limit, is not, or nobody can tell yet: exact bounds, three answers.

Bounds are those of Clopper and Pearson (1934), which hold for every true share and every count. Events that fail
together are counted as fewer (`clumping`), as Korn and Graubard do (1998): counts need not be whole then.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from plimsoll.model import Outcome
from plimsoll.statistics.beta import at_least, at_most, log_at_least

REASON = 100
"""How many times the events so far one would wait for a decision: beyond that it is never within reason."""

NEAR = 1e-14
"""A bound is found when a step changes no more than this share of it."""

ROUNDS = 100
"""Steps at most; it takes some eight."""


class CannotJudge(ValueError):
    """Figures that are no share, no limit or no confidence. The text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What `bad` of so many events say of the promise that no more than the share `limit` is bad.

    `low` and `high` are bounds of the true share, each right with the confidence `sure` however many `objectives` are
    judged beside this one. `clumping` is how many bad events count as one. `more` is how many further events, bad in
    the same share, would decide; None where decided, or where it is more than REASON times what there is.
    """

    outcome: Outcome
    bad: int
    of: int
    limit: float
    low: float
    high: float
    sure: float
    objectives: int
    clumping: float
    more: int | None

    @property
    def share(self) -> float | None:
        """The share of bad events counted: the best single guess."""
        return self.bad / self.of if self.of else None


def judged(
    bad: int, of: int, limit: float, *, sure: float = 0.95, objectives: int = 1, clumping: float = 1.0
) -> Judgement:
    """PASS where the upper bound is at the limit or below, FAIL where the lower one is above it, else UNKNOWN.

    A bound exactly at the limit keeps the promise, which says "no more than". Where several objectives are judged,
    each gets its part of the doubt (Bonferroni). For a count fixed beforehand; for looks on the way see `stopping`.
    """
    doubt = doubted(sure, objectives)
    checked(bad, of, limit, clumping)
    low, high = lower(bad / clumping, of / clumping, doubt), upper(bad / clumping, of / clumping, doubt)
    outcome = Outcome.PASS if high <= limit else Outcome.FAIL if low > limit else Outcome.UNKNOWN
    return Judgement(
        outcome=outcome,
        bad=bad,
        of=of,
        limit=limit,
        low=low,
        high=high,
        sure=sure,
        objectives=objectives,
        clumping=clumping,
        more=None if outcome is not Outcome.UNKNOWN else _more(bad, of, limit, doubt, clumping),
    )


def between(bad: float, of: float, *, sure: float = 0.95) -> tuple[float, float]:
    """Between which shares the true one lies: the two-sided interval, half of the doubt on each side."""
    doubt = doubted(sure, 1) / 2
    checked(bad, of, 0.0, 1.0)
    return lower(bad, of, doubt), upper(bad, of, doubt)


def upper(bad: float, of: float, doubt: float) -> float:
    """The share at which so few bad events have the probability `doubt`; rounded up. 1 where nothing was counted."""
    if bad >= of:
        return 1.0
    if bad == 0:
        return -math.expm1(math.log(doubt) / of)
    log = math.log(doubt)
    return _bound(lambda share: log_at_least(of - bad, bad + 1, 1 - share) - log, bad / of, of, doubt, 1.0)


def lower(bad: float, of: float, doubt: float) -> float:
    """The share at which so many bad events have the probability `doubt`; rounded down."""
    if bad <= 0:
        return 0.0
    if bad >= of:
        return math.exp(math.log(doubt) / of)
    log = math.log(doubt)
    return _bound(lambda share: log_at_least(bad, of - bad + 1, share) - log, bad / of, of, doubt, 0.0)


def doubted(sure: float, objectives: int) -> float:
    """How often a bound may be wrong, when that is how sure one wants to be of all objectives together."""
    if not 0.5 <= sure < 1 or objectives < 1:  # noqa: PLR2004 - less sure than a coin is no confidence
        raise CannotJudge(f"cannot be judged: sure = {sure:g} of {objectives} objectives; it takes 0.5 to below 1")
    return (1 - sure) / objectives


def checked(bad: float, of: float, limit: float, clumping: float) -> None:
    """Counts are counts, and a limit is a share. Raises CannotJudge."""
    if not 0 <= bad <= of:
        raise CannotJudge(f"cannot be judged: {bad:g} of {of:g} is no share of anything")
    if not 0 <= limit < 1:
        raise CannotJudge(f"cannot be judged: a limit of {limit:g} is no share from 0 to below 1 (1 % is 0.01)")
    if not 1 <= clumping < math.inf:
        raise CannotJudge(f"cannot be judged: {clumping:g} bad events that count as one; it takes 1 or more")


def first(decides: Callable[[int], bool], start: int, end: int) -> int | None:
    """The smallest count above `start` that decides, None if `end` does not. Counts beyond one that does, do too."""
    if end <= start or not decides(end):
        return None
    low, high, step = start, end, 1
    while low + step < high:
        if decides(low + step):
            high = low + step
            break
        low, step = low + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


def _more(bad: int, of: int, limit: float, doubt: float, clumping: float) -> int | None:
    """How many more events of the same kind would decide."""
    share = bad / of if of else 0.0
    if share == limit:
        return None

    def decides(count: int) -> bool:
        n = count / clumping
        if share < limit:
            return at_most(share * n, n, limit) <= doubt
        return at_least(share * n, n - share * n + 1, limit) <= doubt

    end = REASON * of if of else math.ceil(clumping * math.log(doubt) / math.log1p(-limit)) + 1
    count = first(decides, of, end)
    return None if count is None else count - of


def _bound(surplus: Callable[[float], float], share: float, of: float, doubt: float, end: float) -> float:
    """Where the logarithm of a tail crosses that of the doubt, on the way from `share` to `end`; rounded to `end`.

    Regula falsi with Illinois's halving (Dowell, Jarratt 1971), begun at the score bound (Wilson 1927), which is near.
    """
    z = NormalDist().inv_cdf(1 - doubt) * (1 if end else -1)
    near = (share + z * z / (2 * of) + z * math.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)) / (1 + z * z / of)
    inside, outside = share, near if min(share, end) < near < max(share, end) else (share + end) / 2
    while surplus(outside) > 0:
        inside, outside = outside, (outside + end) / 2
    over, under, last = surplus(inside), surplus(outside), inside
    for _ in range(ROUNDS):
        at = (inside * under - outside * over) / (under - over)
        if abs(at - last) <= NEAR * at or not min(inside, outside) < at < max(inside, outside):
            break
        there = surplus(at)
        if there > 0:
            inside, over, under = at, there, under / (2 if last == inside else 1)
        else:
            outside, under, over = at, there, over / (2 if last == outside else 1)
        last = at
    return min(1.0, at * (1 + 4 * NEAR)) if end else at * (1 - 4 * NEAR)
