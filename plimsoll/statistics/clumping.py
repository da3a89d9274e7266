"""Bad events that come together prove less than as many that come alone: how many of them count as one.

A run is cut into windows of equal length, of which there are WINDOWS or more. Where events are independent, the bad
ones of a window scatter as a binomial count does; by how many times their variance is larger, by so many times the
run is worth less (Kish's design effect, for the ratio of two sums: Cochran, Sampling Techniques, 1977, 6.3). Bad
spells may outlast a window, so neighbouring windows are also taken together, by two, by four and so on while BLOCKS
blocks remain, and the largest effect counts. What exceeds one is known within ERRORS standard errors, and counts at
the upper end. An effect never counts below one: nothing is worth more than independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from plimsoll.statistics.proportions import CannotJudge, Judgement, judged

WINDOWS = 40
"""The fewest windows whose variance says something. With 20, up to 9 % of runs of a service at its limit passed when
its failures came very unevenly (beta-binomial, simulated): few bad windows look like little scatter as well.
"""

BLOCKS = 20
"""The fewest blocks of several windows: their variance is known within a third (chi square, 19 degrees)."""

ERRORS = 2.0
"""Standard errors of a variance of normal counts that are added: clumps have heavier tails, so theirs are larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clumping:
    """`factor` bad events count as one, as `windows` windows show, of which `touched` had bad events.

    Not `measured`: with fewer than WINDOWS windows nobody knows, and all bad events count as one.
    """

    factor: float
    windows: int
    touched: int
    measured: bool

    @property
    def alone(self) -> bool:
        """All that was bad lay in one window: one event as far as anybody can tell, which `factor` says as well."""
        return self.touched == 1 and self.factor > 1

    def effective(self, bad: int, of: int) -> tuple[float, float]:
        """What so many events are worth in independent ones."""
        return bad / self.factor, of / self.factor


@dataclass(slots=True)
class _Level:
    """Sums over blocks of 2**k windows, and the half of a block that waits for its other half."""

    blocks: int = 0
    of: int = 0
    bad_bad: int = 0
    bad_of: int = 0
    of_of: int = 0
    half: tuple[int, int] | None = None


@dataclass(slots=True)
class Windows:
    """An accumulator of windows, fed one after the other; it keeps sums alone, so a soak of days costs nothing.

    `assumed` is how many bad events count as one at least, whatever the windows say. A run without any bad event
    shows no clumping, so whoever knows that a failure takes a second, at 50 requests a second, assumes 50.
    """

    assumed: float = 1.0
    bad: int = 0
    of: int = 0
    touched: int = 0
    _levels: list[_Level] = field(default_factory=lambda: [_Level()])

    def add(self, bad: int, of: int) -> None:
        """One more window. One without any event is passed over: it says nothing of a share."""
        if not 0 <= bad <= of:
            raise CannotJudge(f"cannot be judged: a window with {bad} bad events of {of}")
        if not of:
            return
        self.bad, self.of, self.touched = self.bad + bad, self.of + of, self.touched + bool(bad)
        block: tuple[int, int] | None = (bad, of)
        number = 0
        while block is not None:
            if number == len(self._levels):
                self._levels.append(_Level())
            block, number = _added(self._levels[number], *block), number + 1

    @property
    def clumping(self) -> Clumping:
        """What the windows so far show."""
        windows = self._levels[0].blocks
        measured = windows >= WINDOWS
        effects = [_effect(level, self.bad, self.of) for level in self._levels if level.blocks >= BLOCKS]
        factor = max(1.0, self.assumed, *(effects if measured else [float(self.bad)]))
        return Clumping(factor=factor, windows=windows, touched=self.touched, measured=measured)

    def judged(self, limit: float, *, sure: float = 0.95, objectives: int = 1) -> Judgement:
        """The whole run, whose length was fixed beforehand, with its clumping."""
        factor = self.clumping.factor
        return judged(self.bad, self.of, limit, sure=sure, objectives=objectives, clumping=factor)


def _added(level: _Level, bad: int, of: int) -> tuple[int, int] | None:
    """A block more; and the block of twice its size, where this is its second half."""
    level.blocks, level.of = level.blocks + 1, level.of + of
    level.bad_bad, level.bad_of, level.of_of = (
        level.bad_bad + bad * bad,
        level.bad_of + bad * of,
        level.of_of + of * of,
    )
    if level.half is None:
        level.half = bad, of
        return None
    (others, all_others), level.half = level.half, None
    return bad + others, of + all_others


def _effect(level: _Level, bad: int, of: int) -> float:
    """The design effect of one size of blocks."""
    if bad in (0, of):
        return 1.0
    share = bad / of
    scatter = level.bad_bad - 2 * share * level.bad_of + share * share * level.of_of
    effect = level.blocks / (level.blocks - 1) * scatter / (level.of * share * (1 - share))
    return 1 + (effect - 1) * (1 + ERRORS * math.sqrt(2 / (level.blocks - 1)))
