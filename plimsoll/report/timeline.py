"""One drill as a picture: phases, writes, outage and what was lost on one line of time.

Places are given in hundredths of the width and in pixels of height, so that text stays readable however narrow it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.observations.drills import DrillRecord, Phase
from plimsoll.observations.drills.journal import OF_RECOVERY
from plimsoll.observations.drills.record import Regained
from plimsoll.report.drill_words import told
from plimsoll.report.words import escaped

LINE, WRITES, PHASE, AXIS, GAP = 20, 66, 30, 22, 8
"""Heights in pixels: of a label, of the writes, of a phase with its name, of the axis, and between them."""

BAR = 10
TICKS = 5
HALF = 50.0
"""A label right of the middle ends where its mark is, so that it stays inside the picture."""

LONGEST_NAME = 26
"""Characters of a phase's name that fit half of a narrow picture."""

SHORTEST = 0.001
"""Seconds of a drill of which there is anything to draw."""

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


def timeline(it: DrillRecord, name: str) -> str:
    """The picture, with its text alternative. `name` makes its ids its own."""
    end = _end(it)
    if end < SHORTEST or not (it.journal.phases or it.regained):
        return ""
    scale, back = Scale(end), it.regained
    marks = list(_marks(it, scale))
    top = len(marks) * LINE + GAP
    writes = WRITES + GAP if back and back.slots else 0
    bottom = top + writes + len(it.journal.phases) * PHASE
    parts = [
        _outage(back, scale, bottom) if back else "",
        *(_grid(scale, bottom)),
        *(mark.drawn(number * LINE, bottom) for number, mark in enumerate(marks)),
        *(_writes(back, scale, top) if back and back.slots else ()),
        *(_phase(phase, scale, top + writes + number * PHASE) for number, phase in enumerate(it.journal.phases)),
    ]
    return (
        f'<svg class="timeline" role="img" width="100%" height="{bottom + AXIS}" '
        f'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">Timeline of {escaped(it.journal.drill)}'
        f'</title><desc id="{name}-desc">{escaped(_description(it))}</desc>{"".join(parts)}</svg>'
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with a label on a line of its own, and a line down through everything."""

    kind: str
    at: float
    label: str

    def drawn(self, y: int, bottom: int) -> str:
        """The label and the line."""
        anchor = "start" if self.at < HALF else "end"
        shift = 5 if self.at < HALF else -5
        return (
            f'<line class="{self.kind}" x1="{self.at}%" x2="{self.at}%" y1="{y + 3}" y2="{bottom}"/>'
            f'<text class="{self.kind}" x="{self.at}%" dx="{shift}" y="{y + 14}" text-anchor="{anchor}">'
            f"{escaped(self.label)}</text>"
        )


def _end(it: DrillRecord) -> float:
    moments = [phase.finished for phase in it.journal.phases]
    moments += [entry.at for entry in it.journal.entries]
    if it.regained:
        moments += [it.regained.disaster, *(it.regained.outage or ())]
        moments += [slot.at + it.regained.width for slot in it.regained.slots]
    return max(moments, default=0.0)


def _marks(it: DrillRecord, scale: Scale) -> Iterator[Mark]:
    back = it.regained
    if back is None:
        return
    if back.backup_at is not None:
        yield Mark("backup", scale.x(back.backup_at), f"backup begun, {back.backup_at:.1f} s")
    if back.moment is not None:
        yield Mark("moment", scale.x(back.moment), f"the moment to go back to, {back.moment:.1f} s")
    yield Mark("disaster", scale.x(back.disaster), f"disaster, {back.disaster:.1f} s")
    if back.outage:
        failed, good = back.outage
        yield Mark("good", scale.x(good), f"first good answer, {good:.1f} s (none for {good - failed:.1f} s)")


def _outage(back: Regained, scale: Scale, bottom: int) -> str:
    if back.outage is None:
        return ""
    failed, good = back.outage
    wide = scale.width(failed, good)
    return f'<rect class="outage" x="{scale.x(failed)}%" y="0" width="{wide}%" height="{bottom}"/>'


def _writes(back: Regained, scale: Scale, top: int) -> Iterator[str]:
    """Rows sent in each stretch, stacked: lost ones at the bottom, where they are seen first; refused ones hang."""
    most = max(slot.kept + slot.lost + slot.undone for slot in back.slots) or 1
    base, room = top + WRITES - 12, WRITES - 26
    yield f'<text class="lane" x="1%" y="{top + 11}">rows written, {most} at most in {back.width:.2f} s</text>'
    for slot in back.slots:
        x, wide = scale.x(slot.at), scale.width(slot.at, slot.at + back.width * 0.8)
        place, low = f'x="{x}%" width="{wide}%"', float(base)
        for kind, count in (("lost", slot.lost), ("undone", slot.undone), ("kept", slot.kept)):
            if count:
                high = count / most * room
                low -= high
                yield f'<rect class="{kind}" {place} y="{low:.1f}" height="{high:.1f}"/>'
        if slot.refused:
            yield f'<rect class="refused" {place} y="{base + 2}" height="5"/>'


def _phase(phase: Phase, scale: Scale, y: int) -> str:
    x, wide = scale.x(phase.started), scale.width(phase.started, phase.finished)
    kind = "recovery" if phase.name in OF_RECOVERY else "other"
    name = phase.name if len(phase.name) <= LONGEST_NAME else f"{phase.name[: LONGEST_NAME - 1]}…"
    at, anchor = (x, "start") if x < HALF else (round(x + wide, 3), "end")
    return (
        f'<rect class="phase {kind}" x="{x}%" y="{y + 17}" width="{wide}%" height="{BAR}" rx="2"/>'
        f'<text x="{at}%" y="{y + 13}" text-anchor="{anchor}">{escaped(name)} '
        f'<tspan class="figure">{phase.seconds:.1f} s</tspan></text>'
    )


def _grid(scale: Scale, bottom: int) -> Iterator[str]:
    step = _step(scale.end)
    for number in range(int(scale.end / step) + 1):
        x = scale.x(number * step)
        words = f"{number * step:g} s"
        anchor = "start" if number == 0 else "end" if x > 95 else "middle"  # noqa: PLR2004 - near the right edge
        yield f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="{bottom + 4}"/>'
        yield f'<text class="tick" x="{x}%" y="{bottom + AXIS - 4}" text-anchor="{anchor}">{words}</text>'


def _step(end: float) -> float:
    """Seconds between two lines: 1, 2 or 5 of a power of ten, so that there are about TICKS of them."""
    rough = end / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * each for each in (1, 2, 5) if power * each >= rough), power * 10)


def _description(it: DrillRecord) -> str:
    phases = "; ".join(f"{p.name} from {p.started:.1f} s to {p.finished:.1f} s" for p in it.journal.phases)
    outage = it.regained.outage if it.regained else None
    silent = f" Readers had no answer from {outage[0]:.1f} s to {outage[1]:.1f} s." if outage else ""
    return f"{told(it)}{silent} Phases: {phases or 'none'}."
