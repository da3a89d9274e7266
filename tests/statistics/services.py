"""Services whose true share of bad answers is known, and how their failures come: alone, unevenly, or in bursts."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

Service = Callable[[Random, int, int, float], list[int]]
"""Of a source of chance, so many windows of so many answers, and the true share: the bad answers of each window."""


def binomial(chance: Random, of: int, share: float) -> int:
    """How many of so many answers are bad, each by itself: gaps between two bad ones are geometric."""
    count, at, log = 0, -1, math.log1p(-share)
    while True:
        at += int(math.log(1 - chance.random()) / log) + 1
        if at >= of:
            return count
        count += 1


def alone(chance: Random, windows: int, of: int, share: float) -> list[int]:
    """Each answer is bad by itself."""
    return [binomial(chance, of, share) for _ in range(windows)]


def unevenly(chance: Random, windows: int, of: int, share: float) -> list[int]:
    """Some windows are worse than others: beta-binomial, any two answers of a window correlated by 0.02."""
    size = 1 / 0.02 - 1
    shares = (chance.betavariate(share * size, (1 - share) * size) for _ in range(windows))
    return [binomial(chance, of, min(max(each, 1e-12), 1 - 1e-12)) for each in shares]


def in_bursts(size: int) -> Service:
    """All bad answers come in bursts of so many, one right after the other, wherever a window ends."""

    def bursts(chance: Random, windows: int, of: int, share: float) -> list[int]:
        bad, log = [0] * windows, math.log1p(-share / (size * (1 - share)))
        at = int(math.log(1 - chance.random()) / log)
        while at < windows * of:
            for each in range(at, min(windows * of, at + size)):
                bad[each // of] += 1
            at += size + int(math.log(1 - chance.random()) / log)
        return bad

    return bursts
