"""What drills bring back: journals, what a witness saw, what was there before and after, what refused to be done."""

from __future__ import annotations

from plimsoll.observations.drills.attempts import Attempt, Attempts
from plimsoll.observations.drills.caches import CacheRecovery
from plimsoll.observations.drills.census import Census, Difference, Table, differences
from plimsoll.observations.drills.cloud import Asked, Deed, Fact, Fixture, Record, Snapshot, SnapshotRecovery, Typed
from plimsoll.observations.drills.faults import Fault, FaultTrials, Sign, Start
from plimsoll.observations.drills.history import History, Rehearsal
from plimsoll.observations.drills.interruptions import Interruption, Persistence
from plimsoll.observations.drills.journal import DETECT, FETCH, REPLAY, RESTORE, START, VERIFY, Entry, Journal, Phase
from plimsoll.observations.drills.kept import FreshnessTrials, RetentionRuns
from plimsoll.observations.drills.made import BackupsMade, CronRuns
from plimsoll.observations.drills.moments import MomentRecovery
from plimsoll.observations.drills.record import DrillRecord
from plimsoll.observations.drills.recovered import Drilled, Recovered
from plimsoll.observations.drills.recoveries import (
    CacheFailover,
    DumpRecovery,
    Failover,
    FilesRecovery,
    HotBackup,
    SystemRecovery,
)
from plimsoll.observations.drills.rollouts import (
    AcrossMigration,
    AddedServer,
    BadReleases,
    Canary,
    Change,
    InterruptedRelease,
    Maintenance,
    Page,
    Release,
    Rolled,
    Row,
    Step,
)
from plimsoll.observations.drills.scratch import MigrationRecovery, ScratchRestore
from plimsoll.observations.drills.troubles import (
    BackupFailures,
    MigrationRuns,
    OffsiteTroubles,
    RestoreRefusals,
    RunbookTrials,
    Troubles,
)
from plimsoll.observations.drills.witness import Loss, Read, Testimony, Write

__all__ = [
    "DETECT",
    "FETCH",
    "REPLAY",
    "RESTORE",
    "START",
    "VERIFY",
    "AcrossMigration",
    "AddedServer",
    "Asked",
    "Attempt",
    "Attempts",
    "BackupFailures",
    "BackupsMade",
    "BadReleases",
    "CacheFailover",
    "CacheRecovery",
    "Canary",
    "Census",
    "Change",
    "CronRuns",
    "Deed",
    "Difference",
    "DrillRecord",
    "Drilled",
    "DumpRecovery",
    "Entry",
    "Fact",
    "Failover",
    "Fault",
    "FaultTrials",
    "FilesRecovery",
    "Fixture",
    "FreshnessTrials",
    "History",
    "HotBackup",
    "InterruptedRelease",
    "Interruption",
    "Journal",
    "Loss",
    "Maintenance",
    "MigrationRecovery",
    "MigrationRuns",
    "MomentRecovery",
    "OffsiteTroubles",
    "Page",
    "Persistence",
    "Phase",
    "Read",
    "Record",
    "Recovered",
    "Rehearsal",
    "Release",
    "RestoreRefusals",
    "RetentionRuns",
    "Rolled",
    "Row",
    "RunbookTrials",
    "ScratchRestore",
    "Sign",
    "Snapshot",
    "SnapshotRecovery",
    "Start",
    "Step",
    "SystemRecovery",
    "Table",
    "Testimony",
    "Troubles",
    "Typed",
    "Write",
    "differences",
]
