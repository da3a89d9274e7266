"""The metrics that an application exports, as a sample of its answer shows or as its code declares them."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric: its name without what a histogram adds, its type ("" if nobody says), its labels.

    `more` says that it has labels which its code does not spell out.
    """

    name: str
    type: str
    labels: frozenset[str]
    spot: Spot
    more: bool = False

    @property
    def series(self) -> frozenset[str]:
        """The names under which its samples are stored (Prometheus: metric types)."""
        if self.type in ("histogram", "summary"):
            return frozenset({f"{self.name}_sum", f"{self.name}_count", f"{self.name}_bucket"}) | (
                {self.name} if self.type == "summary" else frozenset()
            )
        return frozenset({self.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMetrics(Artefacts):
    """What the application exports, as far as its files tell."""

    families: tuple[Family, ...] = ()
