"""Two runs compared: what differs for certain, by how much, and what difference could not have been seen.

"No difference shown" is not "no difference": each comparison says the smallest difference that it would have shown with
a chance of LIKELY.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from plimsoll.statistics.histogram import Histogram
from plimsoll.statistics.planning import LIKELY
from plimsoll.statistics.proportions import CannotJudge, checked, doubted, lower, upper
from plimsoll.statistics.quantiles import percentile_of

NORMAL = NormalDist()

HALVINGS = 30
"""Of a share, until it is known to nine digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """By how much the second run exceeds the first: about `value`, and from `low` to `high` with confidence `sure`.

    None where too little was counted for a bound. `visible` is the smallest excess that would have been shown, None
    where any would have had to be beyond what there is.
    """

    value: float
    low: float | None
    high: float | None
    sure: float
    visible: float | None

    @property
    def shown(self) -> bool:
        """There is a difference. If not, there may still be one, smaller than `visible`."""
        return (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slower:
    """Whether answers of the second run are slower (Mann, Whitney 1947): `chance` is that one is than one of the first.

    One half where neither is; equal ones count half. `doubt` is the two-sided probability of so much by chance where
    both runs are alike (normal, corrected for ties). `visible` is by how much `chance` must differ from one half to be
    shown.
    """

    chance: float
    doubt: float
    shown: bool
    visible: float


def shares(
    first: tuple[int, int], second: tuple[int, int], *, sure: float = 0.95, clumping: tuple[float, float] = (1.0, 1.0)
) -> Difference:
    """The difference of two shares, each (bad, of): Newcombe's hybrid interval (1998) of exact bounds.

    With the score bounds of his own, five failures beside none count as a difference, and one burst beside none,
    which an exact test does not find; with Clopper and Pearson's they do not. Clumping counts by each run's own factor.
    """
    doubt = doubted(sure, 1) / 2
    (p, n), (q, m) = _worth(first, clumping[0]), _worth(second, clumping[1])
    low_p, high_p = lower(p * n, n, doubt), upper(p * n, n, doubt)
    low_q, high_q = lower(q * m, m, doubt), upper(q * m, m, doubt)
    value = q - p
    return Difference(
        value=value,
        low=value - math.hypot(q - low_q, high_p - p),
        high=value + math.hypot(high_q - q, p - low_p),
        sure=sure,
        visible=_visible(p, n, m, doubt),
    )


def percentiles(
    first: Histogram, second: Histogram, share: float, *, sure: float = 0.95, clumping: tuple[float, float] = (1.0, 1.0)
) -> Difference:
    """By how many nanoseconds a percentile moved: MOVER (Zou, Donner 2008) of both order-statistic intervals."""
    one = percentile_of(first, share, sure=sure, clumping=clumping[0])
    two = percentile_of(second, share, sure=sure, clumping=clumping[1])
    if one.value is None or two.value is None:
        raise CannotJudge("cannot be judged: one of the runs counted nothing")
    value = two.value - one.value
    low = None if two.low is None or one.high is None else value - math.hypot(two.value - two.low, one.high - one.value)
    high = (
        None if two.high is None or one.low is None else value + math.hypot(two.high - two.value, one.value - one.low)
    )
    factor = 1 + NORMAL.inv_cdf(LIKELY) / NORMAL.inv_cdf((1 + sure) / 2)
    return Difference(
        value=value, low=low, high=high, sure=sure, visible=None if low is None else (value - low) * factor
    )


def slower(
    first: Histogram, second: Histogram, *, sure: float = 0.95, clumping: tuple[float, float] = (1.0, 1.0)
) -> Slower:
    """Mann and Whitney's test from the counts of two histograms: their buckets are ties."""
    n, m, beyond = first.count, second.count, doubted(sure, 1) / 2
    if not n or not m:
        raise CannotJudge("cannot be judged: one of the runs counted nothing")
    below, wins, ties = 0, 0, 0
    for index in sorted({*first.counts, *second.counts}):
        here, there = first.counts.get(index, 0), second.counts.get(index, 0)
        wins += there * (2 * below + here)
        ties += (here + there) ** 3 - (here + there)
        below += here
    chance, count = wins / (2 * n * m), n + m
    spread = count + 1 - (ties / (count * (count - 1)) if count > 1 else 0.0)
    error = math.sqrt(max(spread, 0.0) * max(clumping) / (12 * n * m))
    z = abs(chance - 0.5) / error if error else 0.0
    doubt = math.erfc(z / math.sqrt(2))
    return Slower(
        chance=chance,
        doubt=doubt,
        shown=doubt <= 2 * beyond and error > 0,
        visible=min(0.5, (NORMAL.inv_cdf(1 - beyond) + NORMAL.inv_cdf(LIKELY)) * error),
    )


def _worth(counted: tuple[int, int], clumping: float) -> tuple[float, float]:
    """A share, and of how many independent events."""
    bad, of = counted
    checked(bad, of, 0.0, clumping)
    if not of:
        raise CannotJudge("cannot be judged: one of the runs counted nothing")
    return bad / of, of / clumping


def _visible(share: float, n: float, m: float, doubt: float) -> float | None:
    """The smallest excess of a second share over this first one that would have been shown with a chance of LIKELY."""
    likely = NORMAL.inv_cdf(LIKELY)
    one = upper(share * n, n, doubt) - share

    def shown(excess: float) -> bool:
        other = share + excess
        low = lower(other * m, m, doubt)
        error = math.sqrt(other * (1 - other) / m + share * (1 - share) / n)
        return excess >= math.hypot(one, other - low) + likely * error

    if not shown(1 - share):
        return None
    below, above = 0.0, 1 - share
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        below, above = (below, middle) if shown(middle) else (middle, above)
    return above
