"""What is known of earlier drills: a line for each, and what lines of that file say nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from plimsoll.observations.drills.record import DrillRecord

FILE = "history.jsonl"
"""What the file is called that a run of drills adds its lines to, in the folder of its reports."""

YEAR = timedelta(days=365)
"""How far back gaps count: what was missed before then can no longer be made good, and nobody can act on it."""

TEXTS = ("run", "deployment", "stack", "drill", "medium", "outcome")
FIGURES = ("rto", "rpo_seconds", "rpo_rows", "data_bytes")
"""Members of a line that are texts, and those that are figures or null."""


class NoRehearsal(ValueError):
    """A line that is not one of a history. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One drill that was done: when, of what, what it took and lost.

    `good` says whether all came back as it had been; `outcome` what became of the promises judged by it. Figures are
    None where the drill has none: seconds to recover, seconds and rows lost, bytes of data.
    """

    run: str
    at: datetime
    deployment: str
    stack: str
    drill: str
    good: bool
    outcome: str = ""
    rto: float | None = None
    rpo_seconds: float | None = None
    rpo_rows: int | None = None
    data_bytes: int | None = None
    medium: str = ""

    def line(self) -> str:
        """The rehearsal as a line of the file, with its end."""
        at = self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return json.dumps({**asdict(self), "at": at}) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The rehearsals of one deployment, oldest first, and the lines (from 1) that could not be read, and why."""

    rehearsals: tuple[Rehearsal, ...]
    seen_at: datetime
    unread: tuple[tuple[int, str], ...] = ()
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many rehearsals are known."""
        return len(self.rehearsals)

    def age(self, it: Rehearsal) -> int:
        """How many whole days ago that was."""
        return (self.seen_at - it.at).days

    def gaps(self, among: Sequence[Rehearsal], days: int) -> list[tuple[Rehearsal, Rehearsal]]:
        """Neighbours, of the last YEAR, that lie more whole days apart: what runs daily may be minutes late."""
        last_year = self.seen_at - YEAR
        return [(a, b) for a, b in pairwise(among) if (b.at - a.at).days > days and b.at >= last_year]


def rehearsal(it: DrillRecord, *, run: str, deployment: str, stack: str, outcome: str = "") -> Rehearsal:
    """What a history keeps of a drill."""
    back, gone = it.regained, it.regained.gone if it.regained else None
    return Rehearsal(
        run=run,
        at=it.journal.started,
        deployment=deployment,
        stack=stack,
        drill=it.journal.drill,
        good=it.came_back,
        outcome=outcome,
        rto=round(back.seconds, 3) if back else None,
        rpo_seconds=round(gone.seconds, 3) if gone else None,
        rpo_rows=gone.rows if gone else None,
        data_bytes=it.journal.data_bytes or None,
        medium=it.journal.medium,
    )


def of_line(line: str) -> Rehearsal:
    """The rehearsal that a line of the file tells of. Raises NoRehearsal."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NoRehearsal("is not JSON") from error
    if not isinstance(said, dict):
        raise NoRehearsal("is no object")
    for name in TEXTS:
        if not isinstance(said.get(name), str):
            raise NoRehearsal(f"{name} is not a text")
    for name in FIGURES:
        value = said.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
            raise NoRehearsal(f"{name} is not a figure")
    if not isinstance(said.get("good"), bool):
        raise NoRehearsal("good is neither true nor false")
    return Rehearsal(
        **{name: said[name] for name in TEXTS},
        at=_moment(said.get("at")),
        good=said["good"],
        rto=_seconds(said.get("rto")),
        rpo_seconds=_seconds(said.get("rpo_seconds")),
        rpo_rows=_whole(said.get("rpo_rows")),
        data_bytes=_whole(said.get("data_bytes")),
    )


def of_lines(lines: Iterable[str], deployment: str) -> tuple[list[Rehearsal], list[tuple[int, str]]]:
    """The rehearsals of that deployment, oldest first, and the lines that could not be read."""
    read, unread = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read.append(of_line(line))
        except NoRehearsal as error:
            unread.append((number, str(error)))
    ours = (each for each in read if each.deployment == deployment)
    return sorted(ours, key=lambda each: (each.at, each.run, each.drill)), unread


def _moment(said: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError as error:
        raise NoRehearsal("at is no moment") from error
    if moment.tzinfo is None:
        raise NoRehearsal("at is a moment without its zone")
    return moment


def _seconds(value: float | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: float | None) -> int | None:
    try:
        return None if value is None else int(value)
    except (OverflowError, ValueError) as error:
        raise NoRehearsal("a count is not finite") from error
