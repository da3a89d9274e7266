"""The time of a run of load across a picture: its seconds, what is named at the edge, and phases told apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count, groupby

from plimsoll.observations.load import LoadRun
from plimsoll.report.load.figures import WIDTHS, Stretch, clock, stretches
from plimsoll.report.load.plot import Shade

FEW = 2
"""Phases that need no names: one, and its warm-up."""

LETTER = 0.024
"""How wide a letter is, as a share of the narrowest picture: seven pixels of 290."""

TICKS = 6
"""Moments that are named, or fewer."""


def places(parts: Sequence[Stretch]) -> list[float]:
    """The middle of each stretch."""
    return [(n + 0.5) / len(parts) for n in range(len(parts))]


def moments(parts: Sequence[Stretch]) -> list[str]:
    """What each is called: when it was, and in which phase."""
    return [f"{part.words}, {part.windows[0].phase}" if part.windows else part.words for part in parts]


def ticks(run: LoadRun) -> list[tuple[float, str]]:
    """Round moments of the run."""
    return round_moments(length(run))


def round_moments(end: int) -> list[tuple[float, str]]:
    """Round moments of so many seconds, as shares of them."""
    step = next((wide for wide in WIDTHS if end <= wide * TICKS), WIDTHS[-1] * math.ceil(end / WIDTHS[-1] / TICKS))
    return [(at / end, clock(at)) for at in range(0, end, step)]


def length(run: LoadRun) -> int:
    """Seconds that pictures of this run are wide."""
    parts = stretches(run)
    return len(parts) * parts[0].wide if parts else 1


def shades(run: LoadRun) -> list[Shade]:
    """The phases: those that are not judged are shaded, others by turns; named where a name has room."""
    end, found, shown, free = length(run), list[Shade](), count(), 0.0
    named = len(run.plan.phases) > FEW
    for phase, judged, first, last in _phases(run):
        kind = "unjudged" if not judged else "phase" if next(shown) % 2 else "none"
        words = f"{phase}, not judged" if not judged else phase if named else ""
        start, wide = first / end, len(words) * LETTER
        room = bool(words) and start >= free and start + wide <= 1
        free = start + wide if room else free
        found.append(Shade(start=start, end=(last + 1) / end, label=words if room else "", kind=kind))
    return found


def _phases(run: LoadRun) -> Iterator[tuple[str, bool, int, int]]:
    """Each phase with the first and the last of its seconds."""
    ordered = sorted(run.windows, key=lambda window: window.number)
    for (phase, judged), windows in groupby(ordered, lambda window: (window.phase, window.judged)):
        numbers = [window.number for window in windows]
        yield phase, judged, numbers[0], numbers[-1]
