"""What was tried of backups and restores that must fail aloud, each kind by the names of what was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.observations.drills.attempts import Attempts

CONTROL = "control"
"""What is tried first, without any fault: it must work, or the others show nothing."""

KILLED, CUT_OFF, DISK_FULL, LOGIN, RIGHTS, DOWN, FOLDER, DAMAGED, DAMAGED_ALL, AT_ONCE, CLOCK = (
    "dump-killed",
    "script-killed",
    "disk-full",
    "login-refused",
    "permission-denied",
    "database-down",
    "folder-unusable",
    "damaged-on-the-way",
    "damaged-full-backup",
    "two-at-once",
    "clock-back",
)
"""What befalls a backup."""

TRUNCATED, FLIPPED, EMPTY, ENCRYPTED, FOREIGN, NEWER, MISTYPED, NOTHING, LIVE, INTERRUPTED = (
    "truncated",
    "bit-flipped",
    "empty",
    "encrypted",
    "foreign-database",
    "newer-version",
    "mistyped",
    "no-argument",
    "no-consent",
    "interrupted",
)
"""What a restore has to refuse, or to survive."""

UNREACHABLE, SLOW, NO_SPACE, DENIED = "unreachable", "slow", "out-of-space", "denied"
"""What befalls the way off the host."""


HALF_WAY, IDLE, AGAIN, STATUS = "half-way", "idle", "again", "status"
"""What befalls a migration, beside a database that is down and two at once: it fails, it is said to be done and is not,
it is run once more, and somebody asks how it stands."""

UNWELL = "unwell"
"""A recovery after which the application does not get well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles(Attempts):
    """Several things tried. `untried` says why for what this deployment, or this kind of stack, has nothing of."""

    untried: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFailures(Troubles):
    """Backups of the database that something befell half-way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRefusals(Troubles):
    """Restores that should have been refused. `backups` are the names of those that there were to choose from."""

    backups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsiteTroubles(Troubles):
    """Backups whose copy could not be sent off the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookTrials(Troubles):
    """Every way of leading back that a runbook offers, by its act; the control is the recovery of the whole.

    `commands` are those of the runbook, by their acts; `health` is what the scripts ask whether all is well.
    """

    commands: Mapping[str, str] = field(default_factory=dict)
    health: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationRuns(Troubles):
    """Migrations of the database that something befell; the control is the one that the next release brings.

    `begun` is how often one was begun that two runs were to do at once.
    """

    begun: int = 0
