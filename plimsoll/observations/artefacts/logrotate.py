"""What logrotate does with logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One block: the logs it is about, and its directives with their arguments; `lines` says where each stands."""

    source: SourceFile
    spot: Spot
    logs: tuple[str, ...]
    says: Mapping[str, str]
    lines: Mapping[str, int]
    scripts: Mapping[str, str]

    def spot_of(self, directive: str) -> Spot:
        """Where a directive stands; the block where it does not."""
        return self.source.spot(self.lines[directive]) if directive in self.lines else self.spot


@dataclass(frozen=True, slots=True, kw_only=True)
class LogrotateFiles(Artefacts):
    """logrotate's configuration."""

    rotations: tuple[Rotation, ...]
