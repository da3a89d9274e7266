"""What drills bring back that try a deployment's own test of its backups, and its dumps from before a migration."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.observations.drills.census import Difference
from plimsoll.observations.drills.recovered import Recovered
from plimsoll.observations.drills.troubles import Troubles

DAMAGED, NO_ROWS, LEFTOVER, NO_BACKUP = "damaged-newest", "no-rows", "leftover", "no-backup"
"""What befalls the newest backup before it is tested; an older one is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchRestore(Troubles):
    """The deployment's own test of its newest backup, tried on a good one first, then on worse.

    `scratch` are the databases that were there while the good one was tested, and not before; `rows` is how many rows
    the table had that NO_ROWS empties. What is left are databases that the test did not remove.
    """

    scratch: tuple[str, ...] = ()
    rows: int = 0
    table: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationRecovery(Recovered):
    """The live database, put back by its dump from before a migration that went wrong.

    `migrated` is what the migration changed, `plain` whether the dump is SQL as a person reads it, `aside` the
    databases that are there since the restore, and were not before.
    """

    migrated: tuple[Difference, ...] = field(default=())
    plain: bool = False
    aside: tuple[str, ...] = ()
