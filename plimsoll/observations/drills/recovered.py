"""What came back of a deployment that was lost on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.observations.drills.census import Census, Difference
from plimsoll.observations.drills.journal import Journal
from plimsoll.observations.drills.witness import Loss, Testimony


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """One drill that was done. Each drill has a kind of its own, so that a rule's signature says which it reads."""

    journal: Journal
    seen_at: datetime
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many lines its journal has."""
        return len(self.journal.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Drilled):
    """A recovery. `disaster` is its moment on the drill's clock; the backup was begun and done at the other two.

    `before` is the census that the recovery should lead back to, `changed` what is not as it was then, `healthy` and
    `writes_again` whether the application says that it is well and takes new rows afterwards; `fastest` maps
    other honest methods on the same data to their seconds; `points` are bytes restored and the seconds that took, for
    whoever extrapolates.
    """

    disaster: float = 0.0
    backup_at: float = 0.0
    backed_up_at: float = 0.0
    testimony: Testimony = field(default_factory=Testimony)
    loss: Loss | None = None
    before: Census = field(default_factory=Census)
    changed: tuple[Difference, ...] = ()
    lagging: tuple[str, ...] = ()
    healthy: bool = False
    writes_again: bool = False
    backup: str = ""
    backup_bytes: int = 0
    points: tuple[tuple[int, float], ...] = ()
    fastest: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the disaster to the end of the recovery's last phase, in which it was seen to serve."""
        return max((phase.finished for phase in self.journal.recovery), default=self.disaster) - self.disaster
