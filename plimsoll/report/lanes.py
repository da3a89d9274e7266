"""What clients wrote, and what they were answered, as a row of bars each: a bar for every stretch of a drill's time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.observations.drills.record import Regained
from plimsoll.observations.drills.served import Served
from plimsoll.report.scale import Scale
from plimsoll.report.words import escaped

TALL, BELOW, LABEL, HANGS = 66, 12, 14, 6
"""Heights in pixels: of a lane, of what hangs below its base, of its label, and of a mark that hangs."""

BROAD = 0.8
"""How much of its stretch a bar is wide."""

TONES = 3
"""Releases that look different, with colour and without; one first and others in turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One stretch: what is stacked, from the base up, and what hangs below it, by kind."""

    at: float
    stacked: Sequence[tuple[str, int]]
    hangs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of bars, each stretch of it so many seconds wide."""

    noun: str
    columns: Sequence[Column]
    width: float

    def drawn(self, scale: Scale, top: int) -> Iterator[str]:
        """Its label and its bars."""
        most = max(sum(count for _, count in column.stacked) for column in self.columns) or 1
        base, room = top + TALL - BELOW, TALL - BELOW - LABEL
        words = f"{self.noun}, {most:,} at most in {self.width:.2f} s"
        yield f'<text class="lane" x="1%" y="{top + 11}">{words}</text>'
        for column in self.columns:
            x, wide = scale.x(column.at), scale.width(column.at, column.at + self.width * BROAD)
            place, low = f'x="{x}%" width="{wide}%"', float(base)
            for kind, count in column.stacked:
                if count:
                    high = count / most * room
                    low -= high
                    yield f'<rect class="{kind}" {place} y="{low:.1f}" height="{high:.1f}"/>'
            if column.hangs:
                yield f'<rect class="{column.hangs}" {place} y="{base + 2}" height="{HANGS}"/>'


def written(it: Regained) -> Lane | None:
    """Rows sent: lost ones at the bottom, where they are seen first; what was never confirmed hangs."""
    columns = [
        Column(
            at=slot.at,
            stacked=(("lost", slot.lost), ("undone", slot.undone), ("kept", slot.kept)),
            hangs="refused" if slot.refused else "",
        )
        for slot in it.slots
    ]
    return Lane(noun="rows written", columns=columns, width=it.width) if columns else None


def answered(it: Served) -> Lane | None:
    """Requests answered, by release; what failed hangs."""
    releases = it.releases
    columns = [
        Column(
            at=stretch.at,
            stacked=[(tone(releases, each), stretch.answered[each]) for each in releases if each in stretch.answered],
            hangs="failed" if stretch.failed else "meant" if stretch.meant else "",
        )
        for stretch in it.stretches
    ]
    return Lane(noun="requests answered", columns=columns, width=it.width) if columns else None


def swatches(it: Served) -> Iterator[tuple[str, str]]:
    """What each kind of bar means: releases that look alike share a line."""
    alike = dict[str, list[str]]()
    for release in it.releases:
        alike.setdefault(tone(it.releases, release), []).append(release)
    for kind, those in alike.items():
        yield kind, f"answered by {escaped(', '.join(filter(None, those)))}" if any(those) else "answered"
    if any(stretch.failed for stretch in it.stretches):
        yield "failed", "failed"
    if any(stretch.meant for stretch in it.stretches):
        yield "meant", "failed on purpose"
    if it.faults:
        yield "outage", "a fault is there"
    if it.changes or it.faults:
        yield "thin", f"{'the command has ended' if it.changes else 'it is over'}, until all is well"


def tone(releases: Sequence[str], release: str) -> str:
    """How answers of that release look: the first in one way, all others by turns in two."""
    place = releases.index(release)
    return f"release-{1 + (place - 1) % (TONES - 1) if place else 0}"
