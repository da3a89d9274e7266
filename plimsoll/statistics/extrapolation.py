"""Figures drawn from figures: what a few measurements say of a size that nobody measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plimsoll.statistics.proportions import between

NOISE = 0.3
"""How far a restore may lie from its usual time, as a share of it: on a shared machine one took 2.5 to 8.4 s."""

LEAST = 0.05
"""The same where three measurements or more lie on a line by chance: nothing is ever as steady."""

GROWTH = 0.1
"""By how much a straight line may be wrong for every doubling beyond the largest size measured: indexes sort in
n log n, and what fitted into memory no longer does."""

STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""Student's t, two-sided 95 %, for 1 to 10 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2)."""

NORMAL = 1.96
"""The same for ever so many."""

TWO = 2
"""Sizes that a straight line takes."""


class CannotExtrapolate(ValueError):
    """Measurements that say nothing of other sizes. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Seconds that some size would take, between `low` and `high`, and how that was reckoned from `points`.

    `start` is what any size takes, `rate` bytes per second beyond that; `beyond` how many times the largest size
    measured the asked one is.
    """

    size: int
    seconds: float
    low: float
    high: float
    start: float
    rate: float
    points: int
    beyond: float

    def beside(self, seconds: float) -> Estimate:
        """The same with what takes so many seconds whatever the size."""
        return replace(
            self,
            seconds=self.seconds + seconds,
            low=self.low + seconds,
            high=self.high + seconds,
            start=self.start + seconds,
        )


def extrapolated(points: Sequence[tuple[int, float]], size: int) -> Estimate:
    """The seconds that so many bytes would take, from bytes and seconds measured. Raises CannotExtrapolate.

    A straight line through all points (least squares). The band is the 95 % prediction interval of that line, with
    NOISE for the spread where two points show none, and widens by GROWTH for each doubling beyond them.
    """
    sizes = [float(each) for each, _ in points]
    if len(set(sizes)) < TWO:
        raise CannotExtrapolate("cannot be extrapolated: it takes two different sizes at least")
    times, count = [seconds for _, seconds in points], len(points)
    middle, mean = math.fsum(sizes) / count, math.fsum(times) / count
    spread = math.fsum((x - middle) ** 2 for x in sizes)
    slope = math.fsum((x - middle) * (y - mean) for x, y in zip(sizes, times, strict=True)) / spread
    if slope <= 0:
        raise CannotExtrapolate(
            "cannot be extrapolated: what was measured is too small for its size to show in the time"
        )
    seconds = mean + slope * (size - middle)
    half = _deviations(sizes, times, slope, mean, middle) * math.sqrt(1 + 1 / count + (size - middle) ** 2 / spread)
    beyond = size / max(sizes)
    factor = (1 + GROWTH) ** math.log2(max(beyond, 1.0))
    return Estimate(
        size=size,
        seconds=max(seconds, 0.0),
        low=max(seconds - half, 0.0) / factor,
        high=max(seconds + half, 0.0) * factor,
        start=max(mean - slope * middle, 0.0),
        rate=1 / slope,
        points=count,
        beyond=beyond,
    )


def whole(points: Sequence[tuple[int, float]], size: int, *, seconds: float) -> Estimate:
    """What took `seconds` as a whole, with so many bytes: its last point grows, the rest stays. As `extrapolated`."""
    estimate = extrapolated(points, size)
    return estimate.beside(max(seconds - points[-1][1], 0.0))


def share_between(count: int, of: int, *, sure: float = 0.95) -> tuple[float, float]:
    """Between which shares the true one lies, when `count` out of `of` were counted (Clopper, Pearson 1934: exact)."""
    if not 0 <= count <= of or not of:
        raise CannotExtrapolate(f"{count} of {of} is no share of anything")
    return between(count, of, sure=sure)


def _deviations(sizes: Sequence[float], times: Sequence[float], slope: float, mean: float, middle: float) -> float:
    """How far a single measurement may lie from the line, 95 times of a hundred."""
    free = len(times) - TWO
    if free < 1:
        return NORMAL * NOISE * mean
    off = math.fsum((y - mean - slope * (x - middle)) ** 2 for x, y in zip(sizes, times, strict=True))
    quantile = STUDENT[free - 1] if free <= len(STUDENT) else NORMAL
    return max(NORMAL * LEAST * mean, quantile * math.sqrt(off / free))
