"""What was tried that should have been refused, or should have failed aloud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.drills.census import Difference
from plimsoll.observations.drills.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing tried. `landed` says by what it is known that the fault was there when the command ran.

    `changed` is what the attempt changed of what was there before, `left` what it left that looks like a good backup,
    `told` what the announcements said meanwhile.
    """

    name: str
    command: str
    code: int | None
    output: str = ""
    landed: str = ""
    changed: tuple[Difference, ...] = ()
    left: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    seconds: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Several things tried on one stack, one after the other; the first is the control, which must work."""

    attempts: tuple[Attempt, ...]
    journal: Journal
    seen_at: datetime
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many were tried."""
        return len(self.attempts)

    def of(self, name: str) -> Attempt | None:
        """The attempt of that name."""
        return next((attempt for attempt in self.attempts if attempt.name == name), None)
