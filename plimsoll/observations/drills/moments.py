"""What a drill brings back that puts a database back to a moment of its past."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.drills.recovered import Recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentRecovery(Recovered):
    """The database put back to a chosen moment: a base backup, and what the server archived since, played up to then.

    `moment` is that moment on the drill's clock, `said` as the operator typed it; `damage` is what was done to the
    data after it, and `mistaken` whether that came back as well. The census `before` is of that moment.

    Of the rows that a witness wrote, `covered` were confirmed before the base backup began and `later` were written
    after the moment and are there all the same; `replayed` were written between the backup's end and the moment and are
    back, `unplayed` were confirmed then and are not.

    `timelines` are those of the server before and after. `archived_in` is how long a segment took from its end until it
    was archived, `archive_timeout` how long the live server leaves one open at most (0: until it is full), `archiving`
    whether it archives at all. `archives_again` is whether the recovered server does, too. Where the runbook has an
    incremental backup, `shipped_in` is how long it took, and `ships_all` whether what was written before it began was
    archived by its end: it need not wait for the timeout.
    """

    moment: float = 0.0
    said: str = ""
    damage: str = ""
    mistaken: bool = False
    covered: tuple[int, ...] = ()
    replayed: tuple[int, ...] = ()
    unplayed: tuple[int, ...] = ()
    later: tuple[int, ...] = ()
    timelines: tuple[int, int] = (0, 0)
    archiving: bool = False
    archive_timeout: float = 0.0
    archived_in: float = 0.0
    archives_again: bool = False
    shipped_in: float | None = None
    ships_all: bool = False
