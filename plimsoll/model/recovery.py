"""How a deployment is backed up and restored, as its runbook says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ACTS = (
    "backup-database",
    "backup-incremental",
    "backup-redis",
    "backup-files",
    "backup-all",
    "backup-base",
    "fetch",
    "restore-database",
    "restore-moment",
    "restore-redis",
    "restore-files",
    "restore-all",
    "restore-data",
    "verify-backup",
    "check-backups",
    "backup-before-migration",
    "promote",
    "fence",
    "promote-cache",
    "fence-cache",
    "list",
    "restart",
    "prune",
    "snapshot",
    "copy-snapshot",
    "fail-over",
    "restore-snapshot",
    "deploy-elsewhere",
    "move-dns",
)
"""What a runbook may say how to do. A drill asks for acts by these names; one that is missing is out of its reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a person at the deployment's host runs, and what those commands go by.

    `installed` is the folder on the host that the artefacts lie in; `environment` the artefact with the settings of the
    scripts, which find it by `variable`. `runbook` maps acts to the commands as they are typed there, with {backup} (a
    path, or a name), {moment} (UTC, ISO 8601), {stamp} and {bucket} where something has to be filled in. `produces`
    maps an act to the glob of what a good run of it leaves, a path on the host. `inside` maps settings that are paths
    in a service's own machine to its role; `uploads` is the setting that leads to the application's uploads. `endpoint`
    is the S3 API that backups go to, where it is not a stand-in of the run's own. `writer` is the role that the drills'
    client writes through; `data_bytes` the size of production's data, which times of recovery are extrapolated to.
    """

    environment: str
    installed: str
    variable: str = "BACKUP_ENV"
    runbook: Mapping[str, str] = field(default_factory=dict)
    produces: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, str] = field(default_factory=dict)
    uploads: str = ""
    endpoint: str = ""
    precious: tuple[str, ...] = ()
    writer: str = "app"
    data_bytes: int = 0
