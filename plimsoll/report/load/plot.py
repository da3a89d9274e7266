"""One picture of a run of load: lines and stacked bars over time or over shares, with limits, readable at any width.

Lines lie in a drawing that is stretched to the width that there is, the first one on top of the others; words do not,
so that they stay as they are. Each line carries its figures, moment by moment, for the script that shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.report.load.axes import Axis
from plimsoll.report.scale import HALF
from plimsoll.report.words import escaped

HIGH, TOP, BELOW = 180, 24, 20
"""Heights in pixels: of the drawing, of what stands above it, and of the axis below."""

WIDE = 1000
"""Units that the drawing is wide, however many pixels that are."""

SEPARATOR = "|"
"""Between figures of a line; none of them has it."""

FULL = 1000
"""Thousandths of the width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values at the places of a picture, None where there is none, each as people read it.

    `kind` is how it looks; it needs no name where it is the only one. One with a `base` is drawn as bars from there up.
    """

    kind: str
    name: str
    values: Sequence[float | None]
    said: Sequence[str]
    base: Sequence[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A value with a line across the picture; `until` is how far it goes, as a share of the width."""

    value: float
    label: str
    until: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """A stretch of the picture that is told apart, as shares of the width."""

    start: float
    end: float
    label: str
    kind: str = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture. `places` are shares of the width, `moments` what they are called, `ticks` those that are named."""

    name: str
    title: str
    says: str
    axis: Axis
    places: Sequence[float]
    moments: Sequence[str]
    ticks: Sequence[tuple[float, str]]
    lines: Sequence[Line]
    marks: Sequence[Mark] = ()
    shades: Sequence[Shade] = ()
    group: str = ""
    """Pictures of one group show the same moment at a time."""

    def drawn(self, table: str = "") -> str:
        """The picture with its legend, and the table that says the same."""
        keys = "".join(_key(line) for line in self.lines if line.name)
        legend = f'<ul class="legend">{keys}</ul>' if keys else ""
        beside = f'<details class="evidence"><summary>In figures</summary>{table}</details>' if table else ""
        return (
            f'<figure class="plot" data-group="{escaped(self.group)}"><figcaption>{escaped(self.title)}</figcaption>'
            f'<div class="canvas">{self._picture()}</div>{legend}{beside}</figure>'
        )

    def _picture(self) -> str:
        places = " ".join(f"{FULL * place:.0f}" for place in self.places)
        inner = (
            f'<svg class="inner" x="0" y="{TOP}" width="100%" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}" '
            f'preserveAspectRatio="none">{"".join(map(self._line, reversed(self.lines)))}</svg>'
        )
        return (
            f'<svg class="chart" role="img" width="100%" height="{TOP + HIGH + BELOW}" data-places="{places}" '
            f'data-moments="{escaped(SEPARATOR.join(self.moments))}" aria-labelledby="{self.name}-t {self.name}-d">'
            f'<title id="{self.name}-t">{escaped(self.title)}</title>'
            f'<desc id="{self.name}-d">{escaped(self.says)}</desc>'
            f"{''.join(self._ground())}{inner}{''.join(self._words())}</svg>"
        )

    def _ground(self) -> Iterator[str]:
        for shade in self.shades:
            start, wide = 100 * shade.start, 100 * (shade.end - shade.start)
            yield f'<rect class="{shade.kind}" x="{start:.2f}%" y="{TOP}" width="{wide:.2f}%" height="{HIGH}"/>'
        for tick, _ in self.axis.ticks:
            yield f'<line class="grid" x1="0" x2="100%" y1="{self._y(tick)}" y2="{self._y(tick)}"/>'
        yield f'<line class="ground" x1="0" x2="100%" y1="{TOP + HIGH}" y2="{TOP + HIGH}"/>'

    def _line(self, line: Line) -> str:
        said = f'data-name="{escaped(line.name)}" data-said="{escaped(SEPARATOR.join(line.said))}"'
        if line.base is not None:
            return f'<path class="stack {line.kind}" d="{"".join(self._bars(line, line.base))}" {said}/>'
        path, drawing = list[str](), False
        for n, value in enumerate(line.values):
            if value is None:
                drawing = False
                continue
            at = f"{WIDE * self.places[n]:.1f} {HIGH * (1 - self.axis.share(value)):.1f}"
            alone = not drawing and (n + 1 == len(line.values) or line.values[n + 1] is None)
            path.append(f"{'L' if drawing else 'M'}{at}{'h0' if alone else ''}")
            drawing = True
        return f'<path class="way {line.kind}" d="{"".join(path)}" {said}/>'

    def _bars(self, line: Line, base: Sequence[float]) -> Iterator[str]:
        wide = WIDE / max(1, len(self.places))
        for place, value, low in zip(self.places, line.values, base, strict=True):
            if value:
                bottom, top = (HIGH * (1 - self.axis.share(each)) for each in (low, low + value))
                yield f"M{WIDE * place - wide / 2:.1f} {bottom:.1f}h{wide:.1f}V{top:.1f}h{-wide:.1f}z"

    def _words(self) -> Iterator[str]:
        for shade in self.shades:
            if shade.label:
                yield _text("phase-name", shade.start, 13, shade.label)
        for tick, words in self.axis.ticks:
            at = f'x="0" dx="-6" y="{self._y(tick) + 4:.1f}"'
            yield f'<text class="tick" {at} text-anchor="end">{escaped(words)}</text>'
        for mark in self.marks:
            y = self._y(mark.value)
            end = f"{100 * mark.until:.2f}%"
            yield f'<line class="limit" x1="0" x2="{end}" y1="{y}" y2="{y}"/>'
            if mark.until < 1:
                yield f'<line class="limit" x1="{end}" x2="{end}" y1="{y}" y2="{TOP + HIGH}"/>'
            yield f'<text class="limit" x="0" dx="4" y="{y - 4:.1f}">{escaped(mark.label)}</text>'
        for place, words in self.ticks:
            yield _text("tick", place, TOP + HIGH + 15, words)

    def _y(self, value: float) -> float:
        return round(TOP + HIGH * (1 - self.axis.share(value)), 1)


def _text(kind: str, place: float, y: int, words: str) -> str:
    """A word at a place: it stays inside the picture at either end."""
    where = 100 * place
    anchor = "start" if kind == "phase-name" or where < HALF / 10 else "end" if where > 100 - HALF / 10 else "middle"
    return f'<text class="{kind}" x="{where:.2f}%" y="{y}" text-anchor="{anchor}">{escaped(words)}</text>'


def _key(line: Line) -> str:
    shape = (
        f'<rect class="stack {line.kind}" width="22" height="12"/>'
        if line.base is not None
        else f'<path class="way {line.kind}" d="M1 6h20"/>'
    )
    return f'<li><svg class="swatch" width="22" height="12" aria-hidden="true">{shape}</svg>{escaped(line.name)}</li>'
