"""What one process counts, and what several of them have counted together: exact, and apart from Locust's buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from loadtests._client import Answer
from plimsoll.observations.load import DROPPED, Tally
from plimsoll.statistics.histogram import Histogram, index_of

SECOND = 1_000_000_000
Counts = tuple[int, int, int, list[int]]
"""A histogram on its way to another process: total, least, most, and numbers of buckets before their counts."""

Part = tuple[int, int, int, dict[str, int], list[int], Counts, Counts, Counts]
"""Second, route, good, bad by class, good ones within each limit; latencies, those of the bad ones, service times."""


class Cell:
    """The requests of one route that were due in one second, since the last folding."""

    __slots__ = ("bad", "latencies", "services")

    def __init__(self) -> None:
        self.latencies: list[int] = []
        self.services: list[int] = []
        self.bad: list[tuple[str, int]] = []


class Book:
    """The counts of one process. `start` is the moment of the schedule's first nanosecond."""

    def __init__(self, routes: Sequence[str], limits: Sequence[int], start: int = 0) -> None:
        self.routes, self.limits, self.start = tuple(routes), tuple(limits), start
        self.begun: Counter[int] = Counter()
        self.examples: dict[str, str] = {}
        self.lags: list[int] = []
        self.asked = 0
        self._rows: dict[int, list[Cell]] = {}

    def count(self, route: int, due: int, answer: Answer, trouble: str, detail: str) -> None:
        """One request of the route, due at that moment, was answered well, or has that trouble."""
        second = (due - self.start) // SECOND
        row = self._rows.get(second)
        if row is None:
            row = self._rows[second] = [Cell() for _ in self.routes]
        cell = row[route]
        self.asked += 1
        if trouble:
            cell.bad.append((trouble, answer.ended - due))
            if trouble not in self.examples:
                self.examples[trouble] = detail
        else:
            cell.latencies.append(answer.ended - due)
            cell.services.append(answer.ended - answer.sent)

    def began(self, due: int, moment: int) -> None:
        """A journey that was due at one moment began at another."""
        self.begun[(due - self.start) // SECOND] += 1
        self.lags.append(moment - due)

    def dropped(self, route: int, due: int) -> None:
        """A journey was not begun, as too many are under way: its first request counts as bad."""
        self.count(route, due, Answer(due, due), DROPPED, "as many journeys as may be were under way")

    def fold(self) -> tuple[list[Part], list[tuple[int, int]], Counts]:
        """All that was counted since the last time: requests, journeys begun by second, and how late they began."""
        rows, self._rows = self._rows, {}
        begun, self.begun = self.begun, Counter()
        lags, self.lags = self.lags, []
        parts = [
            self._part(second, route, cell)
            for second, row in rows.items()
            for route, cell in enumerate(row)
            if cell.latencies or cell.bad
        ]
        return parts, list(begun.items()), packed(lags)

    def _part(self, second: int, route: int, cell: Cell) -> Part:
        good = cell.latencies
        within = [sum(latency <= limit for latency in good) for limit in self.limits]
        bad = Counter(trouble for trouble, _ in cell.bad)
        failed = packed([latency for trouble, latency in cell.bad if trouble != DROPPED])
        return second, route, len(good), dict(bad), within, packed(good), failed, packed(cell.services)


def packed(values: Sequence[int]) -> Counts:
    """The values as counts of buckets; what lies before its due moment by a clock's grain counts as 0."""
    counts: dict[int, int] = {}
    for value in values:
        index = index_of(max(value, 0))
        counts[index] = counts.get(index, 0) + 1
    flat = [number for pair in counts.items() for number in pair]
    return max(sum(values), 0), max(min(values, default=0), 0), max(*values, 0, 0), flat


def pour(into: Histogram, counts: Counts) -> None:
    """Those counts added to a histogram."""
    total, least, most, flat = counts
    if flat:
        pairs = dict(zip(flat[::2], flat[1::2], strict=True))
        into.merge(Histogram(counts=pairs, count=sum(pairs.values()), total=total, least=least, most=most))


@dataclass(slots=True)
class Total:
    """What all processes counted of one route in one second."""

    good: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    within: list[int] = field(default_factory=list)
    latency: Histogram = field(default_factory=Histogram)
    failed: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)

    def add(self, part: Part) -> None:
        """One process's part more."""
        _, _, good, bad, within, latency, failed, service = part
        self.good += good
        self.bad.update(bad)
        self.within = [a + b for a, b in zip(self.within, within, strict=True)] if self.within else list(within)
        pour(self.latency, latency)
        pour(self.failed, failed)
        pour(self.service, service)

    def tally(self, route: str, limits: Sequence[int]) -> Tally:
        """The same as an observation."""
        return Tally(
            route=route,
            good=self.good,
            bad=dict(self.bad),
            within=dict(zip(limits, self.within, strict=True)),
            latency=self.latency,
            failed=self.failed,
            service=self.service,
        )
