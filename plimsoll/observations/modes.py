"""Whose files are, and who else may touch them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMode:
    """One path with its permission bits, owner and group; `where` is the file and line, or the host, that says so."""

    path: str
    mode: int
    owner: str
    group: str
    where: str

    @property
    def shown(self) -> str:
        """As `ls` and people write it."""
        return f"{self.mode:04o} {self.owner}:{self.group}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathModes:
    """The modes of paths: as a host shows them, or, `at_rest`, as the deployment's own tmpfiles.d files state them."""

    modes: tuple[PathMode, ...]
    files: tuple[str, ...]
    at_rest: bool
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many files were read, or paths seen: that a path stands in no file is something seen."""
        return len(self.files) + len(self.modes)

    def of(self, path: str) -> tuple[PathMode, ...]:
        """What is said of one path."""
        return tuple(mode for mode in self.modes if mode.path.rstrip("/") == path.rstrip("/"))
