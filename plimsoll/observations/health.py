"""What health endpoints said while something they speak for was down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.http import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class SickDay:
    """What was answered while one role was down; the exchanges' kinds and roles are those that promises name."""

    down: str
    exchanges: tuple[HttpExchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sickness:
    """What was answered while each of several roles was down, one after the other."""

    days: tuple[SickDay, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many questions were answered."""
        return sum(e.status is not None for day in self.days for e in day.exchanges)

    @property
    def trouble(self) -> str:
        """Why the first question without an answer had none."""
        return next((e.trouble for day in self.days for e in day.exchanges if e.status is None), "")

    def of(self, down: str, kind: str, *, role: str) -> tuple[HttpExchange, ...]:
        """What that role answered to that path class while `down` was down."""
        return tuple(
            e for day in self.days if day.down == down for e in day.exchanges if e.kind == kind and e.role == role
        )
