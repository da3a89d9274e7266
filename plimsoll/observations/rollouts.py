"""What an orchestrator says of the releases it runs: Kubernetes of its Deployments, ECS of its services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of a workload: its number, as the orchestrator counts them, and the images of its containers."""

    number: int
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The newest rollout of one workload, in replicas (pods, tasks).

    `wanted` are to run; `total` do, `updated` of them are of the newest revision, `ready` of these serve. `observed` is
    whether the orchestrator has taken up what was last asked of it, `trouble` what it says is wrong. `before` are the
    revisions it can go back to, the newest first; `returns` whether it takes a failed one back by itself.
    """

    name: str
    platform: str
    wanted: int
    total: int
    updated: int
    ready: int
    revision: Revision
    observed: bool = True
    paused: bool = False
    trouble: str = ""
    before: tuple[Revision, ...] = ()
    returns: bool = False

    def __str__(self) -> str:
        return (
            f"{self.name} on {self.platform}: revision {self.revision.number} ({', '.join(self.revision.images)}), "
            f"{self.ready} of {self.wanted} ready"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollouts:
    """Every workload that was seen; `missing` says of an orchestrator that could not be asked why, by its name."""

    rollouts: tuple[Rollout, ...]
    seen_at: datetime
    missing: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many were seen."""
        return len(self.rollouts)

    def of(self, name: str) -> tuple[Rollout, ...]:
        """The workloads of that name, one for each orchestrator that runs it."""
        return tuple(each for each in self.rollouts if each.name == name)
