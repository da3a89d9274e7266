"""A search for how much a deployment carries: steady levels, each judged by its promises of service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.model import Outcome

FOUND, GENERATOR, OUT_OF_TIME, OUT_OF_LEVELS = "found", "the generator", "out of time", "out of levels"
"""How a search ends: the largest rate is known, the generator can ask no more, or there is no time, or no level, left.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one level shows of one promise, in the words of its finding."""

    promise: str
    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a role used of something during a level: cpu in processors on average, all else at the most."""

    role: str
    what: str
    value: float
    limit: float = 0.0

    @property
    def share(self) -> float:
        """Of its limit; 0 where it has none."""
        return self.value / self.limit if self.limit else 0.0


STEADY = 0.02
"""Share of the requests asked in a second by which those under way may grow in it: beyond, a level has no steady state,
and its latencies are those of a queue that grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One steady level: `rate` journeys a second, which make `asked` requests a second, of which `served` were good.

    `good` is the share of requests that were answered well, within the shortest time that a promise names; it lies
    between `low` and `high`. Latencies are in seconds, from the moment a request was due; `response` is their mean.
    `flying` are the requests under way on average, by Little's law, and `counted` as the generator counted them (0:
    nobody did). `unsound` says why the level shows nothing of the service; `backlog` by how many the requests under way
    grew each second. `routes` have the share of bad requests by route, `classes` the bad ones by what was wrong.
    """

    rate: float
    asked: float
    served: float
    seconds: int
    outcome: Outcome
    said: tuple[Said, ...] = ()
    good: float = 1.0
    low: float = 0.0
    high: float = 1.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    response: float = 0.0
    flying: float = 0.0
    counted: float = 0.0
    backlog: float = 0.0
    unsound: str = ""
    generator: float = 0.0
    """Processors that the generator used on average."""
    used: tuple[Used, ...] = ()
    routes: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether it says something of the service."""
        return not self.unsound

    @property
    def settled(self) -> bool:
        """Whether as much was answered as was asked: else the promises it keeps are broken soon after."""
        return self.backlog <= STEADY * max(self.asked, 1.0)

    def of(self, what: str) -> Mapping[str, Used]:
        """What each role used of it."""
        return {used.role: used for used in self.used if used.what == what}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The levels of one search, in the order in which they were asked; `stated` is the rate of the workload.

    `users` are levels of the closed model, whose rates are numbers of users: steady beyond the knee, too.
    `requests` is how many requests a journey makes, `application` the role that serves them with `replicas`, and
    `cores` are those of the machine on which everything ran, the generator too; 0 where it ran elsewhere.
    """

    deployment: str
    target: str
    stated: float
    levels: tuple[Level, ...]
    seen_at: datetime
    users: tuple[Level, ...] = ()
    requests: float = 1.0
    source: str = ""
    application: str = ""
    replicas: int = 1
    cores: int = 0
    ended: str = FOUND
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many levels were asked."""
        return len(self.levels)

    @property
    def best(self) -> Level | None:
        """The largest level that kept every promise, with none below it that broke one; None without any."""
        worst = self.broken
        kept = [level for level in self.levels if level.sound and level.outcome is Outcome.PASS]
        below = [level for level in kept if worst is None or level.rate < worst.rate]
        return max(below, key=lambda level: level.rate, default=None)

    @property
    def broken(self) -> Level | None:
        """The smallest level that surely broke a promise; None where none did."""
        found = [level for level in self.levels if level.sound and level.outcome is Outcome.FAIL]
        return min(found, key=lambda level: level.rate, default=None)

    @property
    def beyond(self) -> Level | None:
        """The smallest level above the best that did not keep every promise, for whatever reason."""
        least = self.best.rate if self.best else 0.0
        over = [
            each for each in self.levels if each.rate > least and (each.unsound or each.outcome is not Outcome.PASS)
        ]
        return min(over, key=lambda level: level.rate, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityRecord:
    """A search as a report keeps it: the search itself, its answer in a sentence, and what was made of its levels.

    `full` are the parts that were full first, by their evidence, `scaling` what the levels say of how throughput grows;
    `promises` are the ids of those that are judged by it.
    """

    seen: Capacity
    answer: str
    full: tuple[str, ...] = ()
    scaling: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
