"""One drill as a picture: phases, requests, outage, what was lost and what failed on one line of time.

Places are given in hundredths of the width and in pixels of height, so that text stays readable however narrow it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.observations.drills import DrillRecord, Phase
from plimsoll.observations.drills.journal import OF_RECOVERY
from plimsoll.observations.drills.record import Regained
from plimsoll.observations.drills.served import Harm, Move, Served
from plimsoll.report.drill_words import told
from plimsoll.report.lanes import TALL, answered, written
from plimsoll.report.scale import HALF, Scale
from plimsoll.report.served_words import became
from plimsoll.report.words import escaped

LINE, PHASE, AXIS, GAP = 20, 30, 22, 8
"""Heights in pixels: of a label, of a phase with its name, of the axis, and between them."""

BAR, THIN = 10, 3
"""Heights in pixels: of a phase, and of what of it was only waited for."""

TICKS = 5
LONGEST_NAME = 26
"""Characters of a phase's name that fit half of a narrow picture."""

SHORTEST = 0.001
"""Seconds of a drill of which there is anything to draw."""


def timeline(it: DrillRecord, name: str) -> str:
    """The picture, with its text alternative. `name` makes its ids its own."""
    end = _end(it)
    if end < SHORTEST or not (it.journal.phases or it.regained or it.served):
        return ""
    scale, back = Scale(end), it.regained
    marks = list(_marks(it, scale))
    top = len(marks) * LINE + GAP
    lanes = [lane for lane in (written(back) if back else None, answered(it.served) if it.served else None) if lane]
    first = top + len(lanes) * (TALL + GAP)
    rows = [(phase, step_of(it.served, phase), first + n * PHASE) for n, phase in enumerate(it.journal.phases)]
    bottom = first + len(rows) * PHASE
    parts = [
        _outage(back, scale, bottom) if back else "",
        *(_grid(scale, bottom)),
        *(mark.drawn(number * LINE, bottom) for number, mark in enumerate(marks)),
        *(_beneath(step, scale, top, y) for _, step, y in rows if step),
        *(bar for number, lane in enumerate(lanes) for bar in lane.drawn(scale, top + number * (TALL + GAP))),
        *(_phase(phase, step, scale, y) for phase, step, y in rows),
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
    if it.served:
        moments += [stretch.at + it.served.width for stretch in it.served.stretches]
    return max(moments, default=0.0)


def _marks(it: DrillRecord, scale: Scale) -> Iterator[Mark]:
    if it.served and it.served.control_at is not None:
        yield Mark("control", scale.x(it.served.control_at), f"control: killed, {it.served.control_at:.1f} s")
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
        yield Mark("good", scale.x(good), f"first good read, {good:.1f} s (none for {good - failed:.1f} s)")


def _outage(back: Regained, scale: Scale, bottom: int) -> str:
    if back.outage is None:
        return ""
    failed, good = back.outage
    wide = scale.width(failed, good)
    return f'<rect class="outage" x="{scale.x(failed)}%" y="0" width="{wide}%" height="{bottom}"/>'


def step_of(it: Served | None, phase: Phase) -> Move | Harm | None:
    """The change, or the fault, that this phase of the journal was spent on, if any."""
    steps = it.parts if it else ()
    within = (s for s in steps if s.name == phase.name and s.began <= phase.finished and phase.started <= s.ended)
    return next(within, None)


def _beneath(step: Move | Harm, scale: Scale, top: int, y: int) -> str:
    """A fault shades its time. Lines lead down to a change from where clients met another release, or had but one."""
    if isinstance(step, Harm):
        x, wide = scale.x(step.began), scale.width(step.began, step.ended)
        return f'<rect class="outage" x="{x}%" y="{top + 16}" width="{wide}%" height="{y + 17 - top - 16}"/>'
    moments = {*map(scale.x, step.met.values()), *([scale.x(step.reached)] if step.reached is not None else [])}
    lines = (f'<line class="shift" x1="{x}%" x2="{x}%" y1="{top + 16}" y2="{y + 17 + BAR}"/>' for x in sorted(moments))
    return "".join(lines)


def _phase(phase: Phase, step: Move | Harm | None, scale: Scale, y: int) -> str:
    x, wide = scale.x(phase.started), scale.width(phase.started, phase.finished)
    name = phase.name if len(phase.name) <= LONGEST_NAME else f"{phase.name[: LONGEST_NAME - 1]}…"
    at, anchor = (x, "start") if x < HALF else (round(x + wide, 3), "end")
    kind = "recovery" if phase.name in OF_RECOVERY else "other"
    rest, said = "", ""
    if step is not None:
        kind, said = "recovery" if step.good else "wrong", f' <tspan class="more">{escaped(became(step))}</tspan>'
        rest = f'<rect class="phase {kind}" x="{x}%" y="{y + 17 + BAR - THIN}" width="{wide}%" height="{THIN}"/>'
        wide = min(scale.width(phase.started, step.ended), wide)
    return (
        f'{rest}<rect class="phase {kind}" x="{x}%" y="{y + 17}" width="{wide}%" height="{BAR}" rx="2"/>'
        f'<text x="{at}%" y="{y + 13}" text-anchor="{anchor}">{escaped(name)} '
        f'<tspan class="figure">{phase.seconds:.1f} s</tspan>{said}</text>'
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
