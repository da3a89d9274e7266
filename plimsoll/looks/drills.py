"""How it comes about what drills bring back: each on stacks of its own, as many at once as the machine bears."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.drills.backup.cron import run_schedules
from plimsoll.drills.backup.failures import backup_failures
from plimsoll.drills.backup.freshness import check_freshness
from plimsoll.drills.backup.hot import hot_backup
from plimsoll.drills.backup.made import make_backups
from plimsoll.drills.backup.offsite import offsite_troubles
from plimsoll.drills.backup.retention import run_retention
from plimsoll.drills.backup.scratch import scratch_restore
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.recovery.cache import cache_recovery
from plimsoll.drills.recovery.cache_failover import cache_failover
from plimsoll.drills.recovery.dump import dump_recovery
from plimsoll.drills.recovery.failover import failover
from plimsoll.drills.recovery.files import files_recovery
from plimsoll.drills.recovery.migration import migration_recovery
from plimsoll.drills.recovery.moment import moment_recovery
from plimsoll.drills.recovery.persistence import persistence
from plimsoll.drills.recovery.refusals import restore_refusals
from plimsoll.drills.recovery.runbook import runbook_trials
from plimsoll.drills.recovery.snapshot import snapshot_recovery
from plimsoll.drills.recovery.system import system_recovery
from plimsoll.drills.resilience.fault_trials import fault_trials
from plimsoll.drills.rollout.across_migration import across_migration
from plimsoll.drills.rollout.added_server import added_server
from plimsoll.drills.rollout.bad_releases import bad_releases
from plimsoll.drills.rollout.canary import canaries
from plimsoll.drills.rollout.interrupted_release import interrupted_release
from plimsoll.drills.rollout.maintenance import maintenance
from plimsoll.drills.rollout.migrations import migration_runs
from plimsoll.drills.rollout.release import good_release
from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation
from plimsoll.observations.drills import (
    AcrossMigration,
    AddedServer,
    BackupFailures,
    BackupsMade,
    BadReleases,
    CacheFailover,
    CacheRecovery,
    Canary,
    CronRuns,
    DumpRecovery,
    Failover,
    FaultTrials,
    FilesRecovery,
    FreshnessTrials,
    HotBackup,
    InterruptedRelease,
    Maintenance,
    MigrationRecovery,
    MigrationRuns,
    MomentRecovery,
    OffsiteTroubles,
    Persistence,
    Release,
    RestoreRefusals,
    RetentionRuns,
    RunbookTrials,
    ScratchRestore,
    SnapshotRecovery,
    SystemRecovery,
)

DRILLS: Mapping[type[Observation], Callable[[Theatre], Observation]] = {
    FaultTrials: fault_trials,
    RestoreRefusals: restore_refusals,
    Persistence: persistence,
    BadReleases: bad_releases,
    Canary: canaries,
    AcrossMigration: across_migration,
    InterruptedRelease: interrupted_release,
    AddedServer: added_server,
    BackupFailures: backup_failures,
    ScratchRestore: scratch_restore,
    RunbookTrials: runbook_trials,
    RetentionRuns: run_retention,
    BackupsMade: make_backups,
    OffsiteTroubles: offsite_troubles,
    SnapshotRecovery: snapshot_recovery,
    HotBackup: hot_backup,
    Maintenance: maintenance,
    FreshnessTrials: check_freshness,
    MigrationRecovery: migration_recovery,
    MigrationRuns: migration_runs,
    CronRuns: run_schedules,
    DumpRecovery: dump_recovery,
    FilesRecovery: files_recovery,
    SystemRecovery: system_recovery,
    Failover: failover,
    MomentRecovery: moment_recovery,
    CacheRecovery: cache_recovery,
    CacheFailover: cache_failover,
    Release: good_release,
}
"""Each kind of observation with the drill that brings it back, in the order in which they begin: the longest first.

Those that measure how long something takes come last, see MEASURING and ALONE; but for the faults, which mostly wait.
"""

MEASURING = frozenset(
    {DumpRecovery, FilesRecovery, SystemRecovery, MomentRecovery, CacheRecovery, Failover, CacheFailover, FaultTrials}
)
"""Drills that measure how long a recovery takes: two share the machine (drills/stage/theatre.py)."""

ALONE: tuple[type[Observation], ...] = (Release,)
"""The drill in which a request that waits for the machine would be counted: it has it to itself."""


def _looking(drill: Callable[[Theatre], Observation], *, measuring: bool) -> Callable[[Scene], Observation]:
    """The drill as a look."""

    def look(scene: Scene) -> Observation:
        if not isinstance(scene.stack, Stages):
            raise OutOfReach("it takes a drill to see this", hint="tox -e drill")
        with scene.stack.of(scene.deployment, measuring=measuring) as theatre:
            return drill(theatre)

    return look


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    kind: _looking(drill, measuring=kind in MEASURING) for kind, drill in DRILLS.items()
}
DEEP = tuple(LOOKS)
