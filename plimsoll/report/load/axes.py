"""Where values are in a picture, and which of them are named at its edge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

STEPS = (1, 2, 5)
"""Round numbers within a power of ten."""

TICKS = 5
"""Ticks of a scale, roughly."""

AIR = 1.1
"""How much higher than its highest value a linear scale reaches."""

ROOM = 0.06
"""Share of a logarithmic scale above its largest value: a limit has its words there."""

DENSE = 2.6
"""Powers of ten up to which a logarithmic scale names what lies between them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from `low` to `high`; its ticks are values and their words."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """How far up a value is, from 0 to 1."""
        if self.log:
            value = max(value, self.low)
            return min(1.0, math.log(value / self.low) / math.log(self.high / self.low))
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def linear(values: Iterable[float], words: Callable[[float], str], *, least: float = 0.0) -> Axis:
    """From zero to the largest of the values, or `least`, and some air."""
    most = max([*values, least], default=0.0) or 1.0
    step = rounded(most / TICKS)
    ticks = [n * step for n in range(1, math.floor(most * AIR / step) + 1)]
    return Axis(low=0.0, high=most * AIR, ticks=tuple((tick, words(tick)) for tick in ticks))


def logarithmic(values: Sequence[float], words: Callable[[float], str]) -> Axis:
    """From below the smallest positive value to above the largest, by powers of ten."""
    known = [value for value in values if value > 0] or [1.0]
    low, high = min(known) / AIR**2, max(known) * AIR**2
    low, high = min(low, high / 10), max(high, low * 10)  # ten times is the least that a scale shows
    high *= (high / low) ** ROOM
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = STEPS if math.log10(high / low) <= DENSE else STEPS[:1]
    ticks = [step * 10.0**exponent for exponent in exponents for step in steps]
    inside = tuple((tick, words(tick)) for tick in ticks if low <= tick <= high)
    return Axis(low=low, high=high, ticks=inside, log=True)


def rounded(step: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((each * power for each in STEPS if each * power >= step), 10 * power)
