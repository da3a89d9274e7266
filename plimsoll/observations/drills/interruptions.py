"""What became of a deployment's data when its services were interrupted, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.observations.drills.recovered import Drilled
from plimsoll.observations.drills.witness import Testimony

RESTART, KILL, REMAKE = "restart", "kill", "remake"
"""In good order and back; dead at once and back; a new machine in the place of the old one."""

DATABASE, CACHE, APPLICATION = "database", "cache", "application"
"""What is interrupted, whatever the deployment calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One service interrupted. `part` is what it is for the deployment, `role` what it is called there.

    `began` and `back` are moments on the drill's clock; `silence` are the longest seconds from then on in which no new
    row was confirmed. `rows` and `keys` were known before; `missing` are rows that had been confirmed and are not there
    afterwards, `lost` keys of Redis and uploads that are gone or changed. `trouble` says why it never came back.
    """

    part: str
    role: str
    how: str
    began: float
    back: float = 0.0
    silence: float = 0.0
    rows: int = 0
    keys: int = 0
    missing: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence(Drilled):
    """A drill in which each service was interrupted while clients wrote, and had to know afterwards what it knew."""

    interruptions: tuple[Interruption, ...] = ()
    testimony: Testimony = field(default_factory=Testimony)

    def of(self, part: str = "", *hows: str) -> tuple[Interruption, ...]:
        """Those of that part, in these ways; of every part and in every way where none is named."""
        return tuple(
            each for each in self.interruptions if each.part == (part or each.part) and (not hows or each.how in hows)
        )
