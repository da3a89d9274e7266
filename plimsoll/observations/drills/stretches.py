"""Many numbers or moments in few words: numbers as stretches without a hole, time in stretches of equal width."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

SLOTS = 80
"""In how many stretches of time the requests of a drill are counted: as many as a picture shows beside each other."""

NARROWEST = 0.1
"""Seconds of a stretch at least: a few requests of a witness fall into it."""

Ranges = tuple[tuple[int, int], ...]
"""Numbers as stretches, both ends included."""


def amount(ranges: Ranges) -> int:
    """How many numbers those stretches hold."""
    return sum(last - first + 1 for first, last in ranges)


def ranges(numbers: Iterable[int]) -> Ranges:
    """The numbers as stretches, in order."""
    ordered = sorted(set(numbers))
    runs = (tuple(run) for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0]))
    return tuple((run[0][1], run[-1][1]) for run in runs)


def width(last: float) -> float:
    """How wide each stretch is of a time that ends at that moment."""
    return max(last / SLOTS, NARROWEST)
