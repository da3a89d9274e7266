"""What the machines of a deployment are: processors, memory, disks, and the programs that they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filesystem:
    """One local filesystem, in bytes. `free` is what users may still write: root's reserve is in neither."""

    mount: str
    size: int
    used: int
    free: int

    @property
    def share(self) -> float:
        """How much of it is used, as df says it."""
        return self.used / max(self.used + self.free, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine, as it says itself. `memory` is in bytes; `spinning` are disks that turn, None where nobody says.

    `programs` have the versions of those that were asked for, "" for one that is not there.
    """

    name: str
    cores: int
    memory: int
    filesystems: tuple[Filesystem, ...]
    spinning: int | None = None
    programs: Mapping[str, str] = field(default_factory=dict)

    @property
    def disk(self) -> int:
        """All its filesystems together, in bytes."""
        return sum(each.size for each in self.filesystems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The machines that were asked; `missing` says of those that could not be asked why, by name.

    `beyond` are those among the missing that this run may not ask at all.
    """

    machines: tuple[Machine, ...]
    seen_at: datetime
    missing: Mapping[str, str] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many were asked, or could not be."""
        return len(self.machines) + len(self.missing)

    def of(self, name: str) -> Machine | None:
        """The machine of that name."""
        return next((machine for machine in self.machines if machine.name == name), None)
