"""What the services of a stack use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a role has used: `cpu` in seconds of one processor since it began, `memory` in bytes now.

    `cpus` and `most` are what it may use of either at the most, all its replicas together; 0 where nothing limits it.
    """

    cpu: float
    memory: int
    cpus: float = 0.0
    most: int = 0


@runtime_checkable
class Metered(Protocol):
    """A stack that knows what its services use."""

    def usage(self) -> Mapping[str, Usage]:
        """By role, what is used now; a role that runs no more is not there."""
