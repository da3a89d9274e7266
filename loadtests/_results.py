"""What all workers have told, put together: the run as it is written down, and its headline."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version

from loadtests._arrivals import due, phase_of
from loadtests._hand import Report
from loadtests._tallies import Total, pour
from plimsoll import __version__
from plimsoll.model.load import OPEN, Phase
from plimsoll.observations.load import Generator, LoadRun, Order, Pulse, Window
from plimsoll.observations.load.run import FINISHED
from plimsoll.statistics.histogram import Histogram

SECOND = 1_000_000_000
AFTER = Phase(name="after the end", seconds=0.0, rate=0.0, until=0.0, judged=False)
"""Where later steps of journeys belong that are due once the plan is over."""

LIBRARIES = ("gevent", "httptools", "locust")


@dataclass(slots=True)
class Worker:
    """One worker as it told of itself; in its first `settled` seconds every request has ended."""

    name: str
    done: bool = False
    lost: bool = False
    open: int = 0
    settled: int = 0
    pulses: list[Pulse] = field(default_factory=list)
    lag: Histogram = field(default_factory=Histogram)


class Results:
    """Takes the workers' reports, in whatever order they come."""

    def __init__(self, order: Order, names: Sequence[str]) -> None:
        self.order = order
        self.workers = [Worker(name) for name in names]
        self.begun: Counter[int] = Counter()
        self.totals: dict[tuple[int, int], Total] = {}
        self.examples: dict[str, str] = {}
        self.trouble = ""
        self.seen_at = datetime.now(UTC)

    def take(self, report: Report) -> None:
        """One report more."""
        worker = self.workers[report["index"]]
        for part in report["parts"]:
            self.totals.setdefault((part[0], part[1]), Total()).add(part)
        for second, count in report["begun"]:
            self.begun[second] += count
        pour(worker.lag, report["lags"])
        for number, cpu, sockets, journeys, requests, collecting in report["beats"]:
            pulse = Pulse(number=number, cpu=cpu, sockets=sockets, journeys=journeys, requests=requests)
            worker.pulses.append(replace(pulse, collecting=collecting))
        self.examples = {**report["examples"], **self.examples}
        worker.settled = report["settled"]
        worker.open, worker.done = report["open"], worker.done or report["done"]

    @property
    def done(self) -> bool:
        """Whether nobody has anything to tell any more."""
        return all(worker.done or worker.lost for worker in self.workers)

    def run(self, *, ended: str = FINISHED, until: float | None = None) -> LoadRun:
        """The run as far as it went; `until` are the seconds after which nothing was asked any more."""
        order, lost = self.order, [worker for worker in self.workers if worker.lost]
        trouble = self.trouble
        for worker in lost:
            last = max((pulse.number for pulse in worker.pulses), default=-1) + 1
            told = f"worker {worker.name} was lost after {last} s: one of {len(self.workers)} parts is missing then"
            trouble = f"{trouble}; {told}" if trouble else told
        return LoadRun(
            deployment=order.deployment,
            target=order.target.url,
            plan=order.plan,
            windows=tuple(self._windows(until)),
            generators=tuple(
                Generator(name=each.name, pulses=tuple(each.pulses), lag=each.lag, lost=each.lost)
                for each in self.workers
            ),
            seen_at=self.seen_at,
            ended=ended,
            trouble=trouble,
            tools={
                "plimsoll": __version__,
                "python": platform.python_version(),
                **{library: version(library) for library in LIBRARIES},
            },
        )

    def _windows(self, until: float | None) -> Iterator[Window]:
        order, plan = self.order, self.order.plan
        planned = due(plan, until=None if until is None else int(until * SECOND)) if plan.model == OPEN else self.begun
        whole = None if until is None else min(each.settled for each in self.workers)
        seconds = {*planned, *self.begun, *(second for second, _ in self.totals)}
        for number in range(max(seconds, default=-1) + 1):
            phase = phase_of(plan, number) or AFTER
            judged = phase.judged and (whole is None or number < whole)
            yield Window(
                number=number,
                phase=phase.name,
                judged=judged,
                due=planned.get(number, 0),
                begun=self.begun.get(number, 0),
                tallies=tuple(
                    self.totals[number, route].tally(name, plan.limits)
                    for route, name in enumerate(order.workload.routes)
                    if (number, route) in self.totals
                ),
            )
