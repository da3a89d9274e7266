"""A run of load, as it was: what was asked, what came back, and how those were who asked and who answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.model.load import Plan
from plimsoll.observations.load.generator import Generator
from plimsoll.observations.load.window import Tally, Window

FINISHED, INTERRUPTED, STOPPED = "finished", "interrupted", "stopped early"
"""How a run ends: its plan is done, somebody ended it, or enough was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure of the server's side: `what` of `role` (cpu as a share of one core, memory in bytes, connections…)."""

    at: float
    role: str
    what: str
    value: float
    limit: float = 0.0
    """The most that it may be, by the server's own account; 0 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRun:
    """Every second of one run of load against one target."""

    deployment: str
    target: str
    plan: Plan
    windows: tuple[Window, ...]
    generators: tuple[Generator, ...]
    seen_at: datetime
    readings: tuple[Reading, ...] = ()
    ended: str = FINISHED
    trouble: str = ""
    tools: Mapping[str, str] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """How many requests were due in judged seconds."""
        return sum(tally.asked for tally in self.judged())

    def judged(self, *routes: str) -> Iterator[Tally]:
        """The tallies of judged seconds: of these routes, or of all."""
        for window in self.windows:
            if window.judged:
                yield from (tally for tally in window.tallies if not routes or tally.route in routes)

    @property
    def routes(self) -> tuple[str, ...]:
        """Every route that was asked."""
        return tuple(dict.fromkeys(tally.route for window in self.windows for tally in window.tallies))
