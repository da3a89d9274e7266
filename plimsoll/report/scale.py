"""A drill's clock as places in a picture."""

from __future__ import annotations

from dataclasses import dataclass

HALF = 50.0
"""A label right of the middle ends where its mark is, so that it stays inside the picture."""

SLIM = 0.35
"""Hundredths of the width that anything is wide at least, so that it is seen."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a moment of the drill's clock is, in hundredths of the width."""

    end: float

    def x(self, moment: float) -> float:
        """The place of a moment."""
        return round(min(max(moment / self.end, 0.0), 1.0) * 98 + 1, 3)

    def width(self, started: float, finished: float) -> float:
        """How wide that stretch is."""
        return round(max(self.x(finished) - self.x(started), SLIM), 3)
