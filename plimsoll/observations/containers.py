"""Containers as they really run: asked of the engine, and seen from inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process inside, with the numbers of its user and group."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container.

    `memory` are bytes and `cpus` processors by the engine's account, 0 without a limit; `inside_memory` is what the
    kernel tells the container itself, 0 where it does not say. `networks` are those it is on, without the run's name.
    `volumes` maps the name of a volume to the path inside, for those that are mounted there as the kernel says, too.
    `reaches` maps another role to whether a connection to its first port came through; a role that was not tried is not
    there. `settings` are what a server inside says of its own.
    """

    name: str
    role: str
    running: bool = True
    processes: tuple[Process, ...] = ()
    memory: int = 0
    inside_memory: int = 0
    cpus: float = 0.0
    networks: tuple[str, ...] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    reaches: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContainers:
    """Every container of a stack."""

    containers: tuple[Container, ...]
    seen_at: datetime
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many were looked into."""
        return len(self.containers)

    def of(self, *roles: str) -> Iterator[Container]:
        """The containers of these roles."""
        return (each for each in self.containers if each.role in roles)
