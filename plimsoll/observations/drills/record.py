"""What of a drill goes into a verdict: facts without any judgement, few enough to be kept for years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from plimsoll.observations.drills.attempts import Attempt, Attempts
from plimsoll.observations.drills.census import Census, Difference
from plimsoll.observations.drills.faults import FaultTrials
from plimsoll.observations.drills.journal import Journal
from plimsoll.observations.drills.moments import MomentRecovery
from plimsoll.observations.drills.recovered import Drilled, Recovered
from plimsoll.observations.drills.rollouts import Rolled
from plimsoll.observations.drills.served import Served
from plimsoll.observations.drills.serving import befallen, rolled
from plimsoll.observations.drills.stretches import Ranges, amount, ranges, width
from plimsoll.observations.drills.witness import Loss, Testimony, Write

BACKUP = "backup"
"""What the phase is called, or begins with, in which the backup was made that everything is led back from."""

LEFT_OUT = ("grant", "owner", "role", "default")
"""Kinds that are no part of a dump of one database (PostgreSQL 15 manual, 26.1), or that --no-owner leaves out."""

KEY = "key"
"""What Redis holds; where a database is led back, it may not be part of the backup at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What became of the rows that were sent within one stretch of time.

    Confirmed and `kept`, `lost`, or `undone` because they came after the moment that was chosen; never confirmed.
    """

    at: float
    kept: int = 0
    lost: int = 0
    refused: int = 0
    undone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What a recovery lost, in numbers. `since` is when the first missing row was confirmed.

    `confirmed` counts the rows confirmed before the disaster, or before the moment that was chosen; `early` those
    missing although they were confirmed before the backup began, or that moment.
    """

    confirmed: int
    missing: Ranges = ()
    since: float | None = None
    early: int = 0
    unconfirmed: Ranges = ()
    strangers: Ranges = ()
    newest: int | None = None
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """How many confirmed rows are missing."""
        return amount(self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regained:
    """A recovery in figures; `target` is the size in bytes that its time is to be extrapolated to.

    `moment` is the one that was chosen to be led back to, if any; `undone` counts the rows that are gone as they came
    after it, `later` those that are there all the same. `whole`: nothing differs but what backups leave out.
    """

    disaster: float
    seconds: float
    backup: str = ""
    backup_bytes: int = 0
    backup_at: float | None = None
    outage: tuple[float, float] | None = None
    moment: float | None = None
    undone: int = 0
    later: int = 0
    gone: Gone | None = None
    changed: tuple[Difference, ...] = ()
    whole: bool = True
    lagging: tuple[str, ...] = ()
    healthy: bool = False
    writes_again: bool = False
    fastest: Mapping[str, float] = field(default_factory=dict)
    points: tuple[tuple[int, float], ...] = ()
    target: int = 0
    slots: tuple[Slot, ...] = ()
    width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRecord:
    """One drill as a verdict holds it, with the ids of the promises that were judged by it."""

    journal: Journal
    regained: Regained | None = None
    attempts: tuple[Attempt, ...] = ()
    promises: tuple[str, ...] = ()
    trouble: str = ""
    served: Served | None = None

    @property
    def came_back(self) -> bool:
        """Whether what was drilled was there again as it had been, and nothing went wrong on the way."""
        if self.trouble or self.journal.trouble:
            return False
        if self.served:
            return self.served.good
        it = self.regained
        if it is None:
            return bool(self.attempts) or (bool(self.journal.entries) and self.journal.failed is None)
        return (
            it.healthy
            and it.writes_again
            and it.whole
            and not it.lagging
            and not (it.gone is not None and it.gone.early)
        )


def record(seen: Drilled | Attempts, *, promises: Iterable[str] = (), target: int = 0) -> DrillRecord:
    """What goes into the verdict of one drill, judged by these promises; `target` as in `Regained`."""
    return DrillRecord(
        journal=seen.journal,
        regained=_regained(seen, target) if isinstance(seen, Recovered) else None,
        attempts=seen.attempts if isinstance(seen, Attempts) else (),
        promises=tuple(promises),
        trouble=seen.trouble,
        served=_served(seen),
    )


def _served(seen: Drilled | Attempts) -> Served | None:
    if isinstance(seen, Rolled):
        return rolled(seen)
    return befallen(seen) if isinstance(seen, FaultTrials) else None


def begun(seen: Recovered) -> float | None:
    """When the backup was begun that everything is led back from; None where nobody says."""
    if seen.backup_at:
        return seen.backup_at
    made = [phase.started for phase in seen.journal.phases if phase.name.startswith(BACKUP)]
    return max((moment for moment in made if moment <= seen.disaster), default=None)


def _regained(seen: Recovered, target: int) -> Regained:
    backup = begun(seen)
    moment = seen.moment if isinstance(seen, MomentRecovery) else None
    later = set(seen.later) if isinstance(seen, MomentRecovery) else set[int]()
    undone = _undone(seen, moment, later)
    slots, wide = _slots(seen.testimony, set(seen.loss.missing) if seen.loss else set(), undone)
    return Regained(
        disaster=seen.disaster,
        seconds=seen.seconds,
        backup=seen.backup,
        backup_bytes=seen.backup_bytes,
        backup_at=backup,
        outage=seen.testimony.outage(seen.disaster),
        moment=moment,
        undone=len(undone),
        later=len(later),
        gone=_gone(seen, seen.loss, backup, moment) if seen.loss else None,
        changed=seen.changed,
        whole=not [each for each in seen.changed if not _left_out(each, seen.before)],
        lagging=seen.lagging,
        healthy=seen.healthy,
        writes_again=seen.writes_again,
        fastest=dict(seen.fastest),
        points=seen.points,
        target=target,
        slots=slots,
        width=wide,
    )


def _left_out(change: Difference, before: Census) -> bool:
    """Whether backups leave that out, many of them on purpose; whether that was promised, promises judge."""
    kind = change.what.partition(" ")[0]
    return kind in LEFT_OUT or (kind == KEY and bool(before.tables))


def _undone(seen: Recovered, moment: float | None, later: set[int]) -> set[int]:
    """The rows confirmed after the moment and before the disaster, save those that are there."""
    if moment is None:
        return set()
    return {w.number for w in seen.testimony.acknowledged if moment < w.sent < seen.disaster} - later


def _gone(seen: Recovered, loss: Loss, backup: float | None, moment: float | None) -> Gone:
    missing = set(loss.missing)
    until = seen.disaster if moment is None else moment
    due = backup if moment is None else moment
    acked = [write.acked for write in seen.testimony.writes if write.number in missing and write.acked is not None]
    return Gone(
        confirmed=sum(write.sent < until for write in seen.testimony.acknowledged),
        missing=ranges(missing),
        since=min(acked, default=None),
        early=sum(at <= due for at in acked) if due is not None else 0,
        unconfirmed=ranges(loss.unconfirmed),
        strangers=ranges(loss.strangers),
        newest=loss.newest.number if loss.newest else None,
        seconds=loss.seconds,
    )


def _slots(testimony: Testimony, missing: set[int], undone: set[int]) -> tuple[tuple[Slot, ...], float]:
    """The writes counted in stretches of equal width; stretches without any are left out."""
    if not testimony.writes:
        return (), 0.0
    wide = width(max(write.acked or write.sent for write in testimony.writes))

    def place(write: Write) -> int:
        return int((write.acked if write.acked is not None else write.sent) / wide)

    slots = []
    for number, together in groupby(sorted(testimony.writes, key=place), key=place):
        writes = tuple(together)
        confirmed = {write.number for write in writes if write.acked is not None}
        lost, taken = len(confirmed & missing), len(confirmed & undone - missing)
        kept, refused = len(confirmed) - lost - taken, len(writes) - len(confirmed)
        slots.append(Slot(at=number * wide, kept=kept, lost=lost, refused=refused, undone=taken))
    return tuple(slots), wide
