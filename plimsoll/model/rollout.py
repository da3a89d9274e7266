"""How a new release of a deployment's application arrives, and how it is taken back, as its runbook says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RELEASING = (
    "release",
    "canary",
    "promote-canary",
    "stop-canary",
    "roll-back",
    "migrate",
    "migration-status",
    "migrate-down",
    "begin-maintenance",
    "end-maintenance",
    "add-server",
)
"""What a runbook may say how to do with releases. A drill asks for acts by these names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What a person at the deployment's host types to change which release of the application clients get.

    `slots` are the roles that a release may run in: the first is a service of the deployment's; the others are like it,
    run only while a release arrives, and are services of the compose file with a profile of their own. `version` is the
    release that runs before any other. `tells` is the header by which the application says which release answered.
    `migrations` is the folder of those that the next release brings.
    `runbook` maps acts to commands with {version} and {share} where something has to be filled in. The commands find
    their settings and their host as those of [recovery] do.

    Where PM2 runs the application on machines of its own, `servers` are their names, one for each replica of the one
    slot there is, and `spares` are roles of servers that are not in use yet, each a single one.
    """

    slots: tuple[str, ...]
    version: str
    tells: str = "X-Release"
    servers: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    migrations: str = ""
    runbook: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """Whose releases these are."""
        return self.slots[0]
