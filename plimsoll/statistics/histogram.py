"""Latencies counted in buckets no wider than a thousandth of their values, so that counts of many workers add up.

Log-linear, as Tene's HdrHistogram: a power of two is cut into 1,024 equal buckets, so each nanosecond up to 2,047 has
its own, and above no bucket is wider than 1/1024 of its smallest value. Counts are exact and merging adds them, in
whatever order. A promise is not judged from here but from exact counts at its limit; see `proportions`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

BITS = 10
"""Of a value that its bucket keeps, beside the first: 2**10 buckets to a power of two."""

FORMAT = "plimsoll-histogram-1"
"""First word of what is stored: unit nanosecond, BITS bits."""


class NoHistogram(ValueError):
    """A text that is no histogram, or a value that none can hold. It says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """So many values from `low` to `high` nanoseconds, both included."""

    low: int
    high: int
    count: int


@dataclass(slots=True)
class Histogram:
    """Whole nanoseconds, zero or more, and how often each was counted; sparse: only buckets that hold something."""

    counts: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    least: int | None = None
    most: int | None = None

    def add(self, nanoseconds: int, times: int = 1) -> None:
        """One value more, or several equal ones."""
        if nanoseconds < 0 or times < 1:
            raise NoHistogram(f"{nanoseconds} ns, {times} times: a latency is zero or more, and counted at least once")
        index = index_of(nanoseconds)
        self.counts[index] = self.counts.get(index, 0) + times
        self.count += times
        self.total += nanoseconds * times
        self._reach(nanoseconds, nanoseconds)

    def merge(self, other: Histogram) -> None:
        """All that the other counted, added to this one."""
        if other.least is None or other.most is None:
            return
        for index, times in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + times
        self.count += other.count
        self.total += other.total
        self._reach(other.least, other.most)

    @property
    def mean(self) -> float | None:
        """Nanoseconds on average, exact; None of nothing."""
        return self.total / self.count if self.count else None

    def __iter__(self) -> Iterator[Bucket]:
        """The buckets that hold something, from the fastest on; the ends of the first and last are exact."""
        for index in sorted(self.counts):
            low, high = bounds_of(index)
            yield Bucket(low=max(low, self.least or 0), high=min(high, self.most or 0), count=self.counts[index])

    def percentile(self, share: float) -> Bucket | None:
        """The bucket of the smallest value that this share of all values does not exceed; None of nothing."""
        if not 0 <= share <= 1:
            raise NoHistogram(f"{share:g} is no share from 0 to 1 (p99 is 0.99)")
        return self.ranked(max(1, rank_of(share, self.count)))

    def ranked(self, rank: int) -> Bucket | None:
        """The bucket of the value that is the `rank`-th from the fastest on, counted from one."""
        seen = 0
        for bucket in self:
            seen += bucket.count
            if seen >= rank:
                return bucket
        return None

    def above(self, nanoseconds: int) -> tuple[int, int]:
        """How many values lie above a limit: at least, and at most, as the limit may cut a bucket in two."""
        surely = sum(bucket.count for bucket in self if bucket.low > nanoseconds)
        return surely, surely + sum(bucket.count for bucket in self if bucket.low <= nanoseconds < bucket.high)

    def to_json(self) -> str:
        """One line of text, the same for the same values."""
        pairs = sorted(self.counts.items())
        stored = {"format": FORMAT, "total": self.total, "least": self.least, "most": self.most, "counts": pairs}
        return json.dumps(stored, separators=(",", ":"))

    def _reach(self, least: int, most: int) -> None:
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)


def index_of(nanoseconds: int) -> int:
    """The number of the bucket that holds a value; larger values have no smaller number."""
    shift = max(0, nanoseconds.bit_length() - BITS - 1)
    return (shift << BITS) + (nanoseconds >> shift)


def bounds_of(index: int) -> tuple[int, int]:
    """The smallest and the largest value of a bucket."""
    shift = max(0, (index >> BITS) - 1)
    low = (index - (shift << BITS)) << shift
    return low, low + (1 << shift) - 1


def rank_of(share: float, count: int) -> int:
    """How many values are such a share of so many, rounded up; 0.95 of 100 are 95, whatever floats make of it."""
    return math.ceil(share * count * (1 - 1e-12))


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    whole = Histogram()
    for each in histograms:
        whole.merge(each)
    return whole


def from_json(text: str) -> Histogram:
    """A histogram as `to_json` wrote it. Raises NoHistogram with what is wrong."""
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise NoHistogram(f"no histogram: {error}") from error
    if not isinstance(stored, Mapping) or stored.get("format") != FORMAT:
        raise NoHistogram(f"no histogram: it does not say {FORMAT!r}")
    total, least, most, pairs = (stored.get(key) for key in ("total", "least", "most", "counts"))
    if not isinstance(pairs, list) or not isinstance(total, int):
        raise NoHistogram("no histogram: counts is a list of pairs, and total a whole number")
    counts: dict[int, int] = {}
    for pair in pairs:
        match pair:
            case [int(index), int(times)] if index >= 0 and times > 0 and index not in counts:
                counts[index] = times
            case _:
                raise NoHistogram(f"no histogram: {pair!r} is no bucket and its count")
    if not counts:
        return Histogram()
    if not isinstance(least, int) or not isinstance(most, int):
        raise NoHistogram("no histogram: it has values, and neither least nor most")
    if (index_of(least), index_of(most)) != (min(counts), max(counts)):
        raise NoHistogram(f"no histogram: least {least} and most {most} lie in other buckets than the first and last")
    return Histogram(counts=counts, count=sum(counts.values()), total=total, least=least, most=most)
