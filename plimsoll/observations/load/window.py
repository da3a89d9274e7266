"""One second of a run of load: what was due in it, and what became of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.statistics.histogram import Histogram

DROPPED = "dropped"
"""The class of requests that never left, because as many were under way as may be: they count as bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The requests of one route that were due in one window. All counts are exact.

    `good` were answered as they should be; `bad` counts the others by what was wrong with them: `status 503`,
    `timed out`, `refused`, `cut`, `wrong body`, `dropped`. `within` counts the good ones whose latency was at most that
    limit (nanoseconds, from the moment they were due to the last byte). `latency` has those of the good ones,
    `failed` those of the bad ones, and `service` the time from sending to the last byte, all in nanoseconds.
    """

    route: str
    good: int = 0
    bad: Mapping[str, int] = field(default_factory=dict)
    within: Mapping[int, int] = field(default_factory=dict)
    latency: Histogram = field(default_factory=Histogram)
    failed: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)

    @property
    def asked(self) -> int:
        """All requests that were due."""
        return self.good + sum(self.bad.values())

    def slow(self, limit: int) -> int:
        """How many were not answered well within the limit: the bad ones, and those that came later."""
        return self.asked - self.within[limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One second, by the clock of the schedule: a request belongs to the second in which it was due.

    `due` are the journeys that were to begin, `begun` those that did, within the second or later.
    """

    number: int
    phase: str
    judged: bool
    due: int = 0
    begun: int = 0
    tallies: tuple[Tally, ...] = ()
