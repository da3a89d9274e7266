"""How long it would take with more data than was tried: an extrapolation, and said to be one."""

from __future__ import annotations

from collections.abc import Sequence


def extrapolated(points: Sequence[tuple[int, float]], data_bytes: int) -> tuple[float, float] | None:
    """The seconds that so many bytes would take, at least and at most; None where it cannot be told.

    `points` are bytes and the seconds that they took.
    """
    if not data_bytes or len({size for size, _ in points}) < 2:  # noqa: PLR2004 - a line takes two points
        return None
    slopes = [
        (later[1] - first[1]) / (later[0] - first[0])
        for number, first in enumerate(sorted(points))
        for later in sorted(points)[number + 1 :]
        if later[0] > first[0]
    ]
    low, high = max(min(slopes), 0.0), max(*slopes, *(seconds / size for size, seconds in points if size))
    return low * data_bytes, high * data_bytes
