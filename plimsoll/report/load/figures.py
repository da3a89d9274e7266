"""Figures of a run of load as people read them, and what columns of a picture are made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plimsoll.observations.load import LoadRun, Tally, Window
from plimsoll.statistics.histogram import Histogram, bounds_of, merged, rank_of

SHARES = (0.5, 0.95, 0.99, 1.0)
"""Percentiles that are drawn over time; the last one is the slowest of all."""

NAMES = ("p50", "p95", "p99", "slowest")

WIDTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Seconds of a column or a row, so that its ends are round."""

MOST = 240
"""Columns of a picture: each is two pixels wide at the least."""

ROWS = 40
"""Rows of the table beside it."""

DIGITS = 3
"""Digits of a figure that people read."""

MINUTE, KILO = 60, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some seconds of the run on end, from `first` on, all as one. `wide` is how many of them a run has."""

    first: int
    wide: int
    windows: tuple[Window, ...] = ()

    def tallies(self, route: str = "") -> list[Tally]:
        """Of one route, or of all."""
        return [tally for window in self.windows for tally in window.tallies if not route or tally.route == route]

    @property
    def seconds(self) -> int:
        """How many seconds of the run are in it."""
        return max(1, len(self.windows))

    @property
    def words(self) -> str:
        """When it was, since the run began."""
        return clock(self.first) if self.wide == 1 else f"{clock(self.first)} to {clock(self.first + self.wide)}"


def stretches(run: LoadRun, most: int = MOST) -> tuple[Stretch, ...]:
    """The run in so many stretches at most, all equally wide, in their order; empty ones too."""
    if not run.windows:
        return ()
    end = max(window.number for window in run.windows) + 1
    wide = width(end, most)
    inside: list[list[Window]] = [[] for _ in range(math.ceil(end / wide))]
    for window in run.windows:
        inside[window.number // wide].append(window)
    return tuple(Stretch(first=n * wide, wide=wide, windows=tuple(those)) for n, those in enumerate(inside))


def width(seconds: int, most: int = MOST) -> int:
    """How many seconds a column has, so that there are no more than so many."""
    return next(
        (wide for wide in WIDTHS if seconds <= wide * most), WIDTHS[-1] * math.ceil(seconds / WIDTHS[-1] / most)
    )


def at_shares(values: Histogram, shares: Sequence[float]) -> list[int | None]:
    """The percentiles, in one pass over the buckets: the upper end of each one's, None of nothing."""
    found: list[int | None] = []
    buckets, whole, seen, upto = iter(sorted(values.counts.items())), sum(values.counts.values()), 0, None
    for share in shares:
        rank = max(1, rank_of(share, whole))
        while seen < min(rank, whole):
            index, count = next(buckets)
            seen, upto = seen + count, min(bounds_of(index)[1], values.most or 0)
        found.append(upto)
    return found


def together(tallies: Iterable[Tally], *, service: bool = False) -> Histogram:
    """The latencies of the good ones, or their times and those of the bad ones from sending on."""
    return merged(tally.service if service else tally.latency for tally in tallies)


def kinds(tallies: Iterable[Tally]) -> Counter[str]:
    """How many were bad, by what was wrong with them."""
    found = Counter[str]()
    for tally in tallies:
        found.update(tally.bad)
    return found


def milliseconds(nanoseconds: float | None) -> str:
    """A time: "0.21 ms", "153 ms", "1.2 s"."""
    if nanoseconds is None:
        return "none"
    figure = nanoseconds / 1e6
    return f"{number(figure)} ms" if figure < KILO else f"{number(figure / KILO)} s"


def number(value: float) -> str:
    """Three digits: "0.213", "21.3", "2,130"."""
    if not value:
        return "0"
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 9)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """A share to three digits of what is missing to all or to nothing: "96.2 %", "99.953 %", "0.021 %"."""
    rest = min(share, 1 - share)
    if rest <= 0:
        return f"{100 * share:.0f} %"
    places = min(9, max(0, DIGITS - 1 - math.floor(math.log10(100 * rest))))
    text = f"{100 * share:.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def clock(seconds: float) -> str:
    """A moment of the run: "12 s", "4:05 min", "10 min", "1:04:05 h"."""
    whole = round(seconds)
    if whole < 2 * MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, MINUTE)
    hours, left = divmod(minutes, MINUTE)
    if hours and (left or rest):
        return f"{hours}:{left:02}:{rest:02} h"
    return f"{hours} h" if hours else f"{minutes}:{rest:02} min" if rest else f"{minutes} min"
