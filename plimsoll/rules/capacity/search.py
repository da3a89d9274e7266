"""Which rate is asked next, on the way to the largest one that keeps the promises."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Outcome
from plimsoll.observations.load import Level
from plimsoll.observations.load.capacity import FOUND, GENERATOR, OUT_OF_LEVELS

STEP = 2.0
"""By how much a rate grows while all goes well, and shrinks while nothing does."""

CLOSE = 1.1
"""How far apart two rates may be, of which one keeps the promises and the other does not: a tenth, as nearly as levels
of a minute tell."""

MOST_LEVELS = 16
"""Of one search: nine doublings reach 500 times what is stated, and four halvings a tenth."""

LEAST = 1 / 16
"""Of the stated rate: a deployment that does not bear that much bears nothing to speak of."""


def next_rate(levels: Sequence[Level], start: float) -> tuple[float, str]:
    """The rate to ask next, in journeys a second; 0 where there is none, and then why the search has ended.

    It doubles from `start` until a level does not keep every promise, and halves the distance (in proportion) between
    that and the largest that does. A level that cannot be decided is not passed. One whose generator was the bottleneck
    ends the search: beyond it nobody knows.
    """
    if not levels:
        return start, ""
    if levels[-1].unsound or len(levels) >= MOST_LEVELS:
        return 0.0, GENERATOR if levels[-1].unsound else OUT_OF_LEVELS
    over = min((level.rate for level in levels if level.outcome is not Outcome.PASS), default=0.0)
    kept = [level.rate for level in levels if level.outcome is Outcome.PASS]
    under = max((rate for rate in kept if not over or rate < over), default=0.0)
    if not over:
        return under * STEP, ""
    lower = _between(under, over) if under else over / STEP
    settled = over / under <= CLOSE if under else lower < LEAST * start
    return (0.0, FOUND) if settled else (lower, "")


def _between(under: float, over: float) -> float:
    """The rate between the two, in proportion; with three digits, as people ask for it, if that lies there still."""
    rate = (over * under) ** 0.5
    short = float(f"{rate:.3g}")
    return short if under < short < over else rate
