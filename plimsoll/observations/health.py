"""What health endpoints answer while something is missing, beside what unknown paths get, and what is logged of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.http import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthTrial:
    """The answers of health endpoints before, while and after one role was down; those meanwhile in their order."""

    down: str
    before: tuple[HttpExchange, ...] = ()
    during: tuple[HttpExchange, ...] = ()
    after: tuple[HttpExchange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthTrials:
    """What health endpoints answered while dependencies were taken away, one at a time."""

    trials: tuple[HealthTrial, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many answers there were while something was down."""
        return sum(e.status is not None for trial in self.trials for e in trial.during)

    @property
    def trouble(self) -> str:
        """Why the first request without an answer had none."""
        return next((e.trouble for trial in self.trials for e in trial.during if e.status is None), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """The answer of an endpoint, and that of a path beside it that nobody has."""

    known: HttpExchange
    unknown: HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """Endpoints beside paths that nobody has."""

    pairs: tuple[Sibling, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many pairs were answered."""
        return sum(None not in (pair.known.status, pair.unknown.status) for pair in self.pairs)

    @property
    def trouble(self) -> str:
        """Why the first request without an answer had none."""
        asked = (each for pair in self.pairs for each in (pair.known, pair.unknown))
        return next((each.trouble for each in asked if each.status is None), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request that carried a mark, and the lines of the logs that show the mark."""

    exchange: HttpExchange
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    """What the stack's logs say of requests made to be found in them."""

    requests: tuple[LoggedRequest, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many lines were found: none tells nothing, the logs may be elsewhere."""
        return sum(len(request.lines) for request in self.requests)
