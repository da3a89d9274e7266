"""Between which values a percentile lies, whatever the distribution: an interval from the order of the values alone.

How many of n values lie at or below the true percentile is a binomial count, so two ranks enclose it (Hahn and Meeker,
Statistical Intervals, 1991, 5.2). Values that come together count as fewer: ranks are those of n / clumping values,
stretched to n, where they lie further out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.statistics.beta import at_most
from plimsoll.statistics.histogram import Bucket, Histogram, rank_of
from plimsoll.statistics.proportions import CannotJudge, checked, doubted, first


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """The percentile `share` of `count` values: about `value`, and with the confidence `sure` from `low` to `high`.

    None where so few values have no bound on that side. In the values' unit. From a histogram each is the outer edge
    of its bucket, so it is never narrower than the truth.
    """

    share: float
    count: int
    value: float | None
    low: float | None
    high: float | None
    sure: float


def percentile_of(
    values: Sequence[float] | Histogram, share: float, *, sure: float = 0.95, clumping: float = 1.0
) -> Percentile:
    """The two-sided interval of a percentile, of sorted values (ascending) or of a histogram's."""
    doubt = doubted(sure, 1) / 2
    count = values.count if isinstance(values, Histogram) else len(values)
    low, high = ranks(count, share, doubt, clumping=clumping)
    middle = max(1, rank_of(share, count)) if count else None
    return Percentile(
        share=share,
        count=count,
        value=_edge(values, middle, upper=True),
        low=_edge(values, low, upper=False),
        high=_edge(values, high, upper=True),
        sure=sure,
    )


def bound_of(
    values: Sequence[float] | Histogram, share: float, *, sure: float = 0.95, clumping: float = 1.0
) -> float | None:
    """The value that a percentile does not exceed, one-sided: with the 962nd of 1,000 one is 95 % sure of p95."""
    count = values.count if isinstance(values, Histogram) else len(values)
    return _edge(values, ranks(count, share, doubted(sure, 1), clumping=clumping)[1], upper=True)


def ranks(count: int, share: float, doubt: float, *, clumping: float = 1.0) -> tuple[int | None, int | None]:
    """The ranks, counted from one, that enclose a percentile, each wrong with the probability `doubt` at most."""
    checked(0, count, 0.0, clumping)
    if not 0 < share < 1:
        raise CannotJudge(f"cannot be judged: {share:g} is no percentile's share between 0 and 1 (p99 is 0.99)")
    low, high = _ranks(count, share, doubt)
    if clumping > 1 and count:
        size = max(1, math.floor(count / clumping))
        fewer, further = _ranks(size, share, doubt)
        low = min(low, math.floor(fewer * count / size))
        high = None if high is None or further is None else max(high, math.ceil(further * count / size))
    return low or None, high


def _ranks(count: int, share: float, doubt: float) -> tuple[int, int | None]:
    """The ranks of independent values; zero and None where there is none."""
    over = first(lambda rank: at_most(rank - 1, count, share) > doubt, 0, count)
    low = count if over is None else over - 1
    return low, first(lambda rank: at_most(rank - 1, count, share) >= 1 - doubt, 0, count)


def least_count(share: float, *, sure: float = 0.95, clumping: float = 1.0) -> int:
    """The fewest values that have an upper bound of this percentile at all: 59 for p95, 299 for p99."""
    if not 0 < share < 1:
        raise CannotJudge(f"cannot be judged: {share:g} is no percentile's share between 0 and 1 (p99 is 0.99)")
    return math.ceil(clumping * math.ceil(math.log(doubted(sure, 1)) / math.log(share)))


def _edge(values: Sequence[float] | Histogram, rank: int | None, *, upper: bool) -> float | None:
    """The value of a rank; of a bucket its outer edge."""
    if rank is None:
        return None
    if not isinstance(values, Histogram):
        return values[rank - 1]
    bucket: Bucket | None = values.ranked(rank)
    return None if bucket is None else bucket.high if upper else bucket.low
