"""One run from its beginning to its end, where Locust is master or alone: hands take their parts, results come back."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic_ns
from typing import TYPE_CHECKING, Protocol, TypedDict

import gevent
from gevent.event import Event

from loadtests._arrivals import phase_of
from loadtests._deciding import Deciding
from loadtests._hand import DRAIN, Report
from loadtests._headline import headline
from loadtests._progress import Progress
from loadtests._results import Results
from plimsoll.errors import PlimsollError
from plimsoll.observations.load import LoadRun, Order
from plimsoll.observations.load.run import FINISHED, INTERRUPTED, STOPPED
from plimsoll.observations.load.stored import as_json, write

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND = 1_000_000_000
PREPARE, GO, END = "plimsoll-prepare", "plimsoll-go", "plimsoll-end"
"""Messages from master to worker."""

READY, REPORT = "plimsoll-ready", "plimsoll-report"
"""Messages back."""

LEAD = 0.3
"""Seconds between the word to begin and the beginning: for the way to the last worker."""

PREPARING = 20.0
"""Seconds in which a worker is ready, beside the patience of its login."""

REMIND = 1.0
"""Seconds until a worker is told again that is not ready: it hears nothing of ours before its Locust is set up."""

LAST_WORDS = 5.0
"""Seconds that the last reports of an interrupted run are waited for."""

TELL_EVERY = 2
ESTIMATE_EVERY = 5
"""Seconds between two lines, and between two estimates of how long a decision takes."""

LOOK_EVERY = 0.1
"""Seconds between two looks at what the workers reported."""

QUIET = 50
"""Looks after the last moment of a report until a worker counts as lost: seconds would count also those in which this
process, perhaps the worker itself, did not get to look."""


class Prepare(TypedDict):
    """A worker's part of an order; `run` tells one run of it from any other."""

    run: int
    order: str
    index: int
    of: int


class Ready(TypedDict):
    """A worker may begin, unless it has trouble."""

    index: int
    trouble: str


class Go(TypedDict):
    """The word to begin: `at` is the moment on the machine that has started as `boot` says, `within` for others."""

    boot: str
    at: int
    within: float


class Workers(Protocol):
    """Those who do the work: this process alone, or Locust's workers."""

    def names(self) -> Sequence[str]:
        """Who is there."""

    def alive(self, name: str) -> bool:
        """Whether that one was heard of lately."""

    def send(self, name: str, kind: str, data: object) -> None:
        """A message to one of them."""


class Conductor:
    """Conducts one order. `run` returns once the result is written; `code` is then what Locust exits with."""

    def __init__(self, order: Order, workers: Workers, result: Path) -> None:
        self.order, self.workers, self.result = order, workers, result
        self.over = Event()
        self.code = 2
        self.headline: list[str] = []
        self.start = 0
        self._results: Results | None = None
        self._ended = FINISHED
        self._names = tuple(workers.names())
        self._ready: set[int] = set()
        self._quiet = 0

    @property
    def count(self) -> int:
        """How many workers there are, also those that were lost meanwhile."""
        return len(self._names)

    def run(self) -> None:
        """The whole run."""
        names = self._names
        self._results = results = Results(self.order, names)
        deciding = Deciding(self.order.plan, self.order.workload.routes)
        progress, told, fed = Progress(results, deciding), 0, 0
        boot = boot_id()
        if not self._prepared(results):
            self._conclude()
            return
        self.start = monotonic_ns() + int(LEAD * SECOND)
        for name in names:
            within = (self.start - monotonic_ns()) / SECOND
            self.workers.send(name, GO, Go(boot=boot, at=self.start, within=within))
        while not results.done:
            gevent.sleep(LOOK_EVERY)
            self._missed(results)
            seconds = (monotonic_ns() - self.start) // SECOND
            settled = min((worker.settled for worker in results.workers if not worker.lost), default=0)
            while fed < settled:
                phase = phase_of(self.order.plan, fed)
                if phase is not None and phase.judged:
                    deciding.feed(fed, results.totals)
                    progress.settle(fed)
                fed += 1
                if fed % ESTIMATE_EVERY == 0:
                    deciding.estimate()
            if deciding.decided and self._ended == FINISHED and seconds < self.order.plan.seconds:
                self._ended = STOPPED
                self._end()
            if 0 < seconds <= self.order.plan.seconds and seconds >= told + TELL_EVERY:
                told = seconds
                say(progress.line(seconds))
        early = monotonic_ns() < self.start + self.order.plan.seconds * SECOND
        if early and self._ended == FINISHED and all(worker.done for worker in results.workers):
            self._ended = INTERRUPTED  # the workers have heard of it before this process has
        self._conclude()

    def _prepared(self, results: Results) -> bool:
        """Whether every worker is ready."""
        run = told = monotonic_ns()
        end = run + int((PREPARING + self.order.patience) * SECOND)
        order = as_json(self.order)
        while waited := [each for each in enumerate(self._names) if each[0] not in self._ready]:
            if monotonic_ns() >= told:
                told += int(REMIND * SECOND)
                for index, name in waited:
                    self.workers.send(name, PREPARE, Prepare(run=run, order=order, index=index, of=self.count))
            if self.over.is_set() or self._ended != FINISHED:
                return False
            missing = [name for _, name in waited if not self.workers.alive(name)]
            if missing or monotonic_ns() > end:
                results.trouble = results.trouble or f"not every worker was ready: {', '.join(missing) or 'too slow'}"
            if results.trouble:
                return False
            gevent.sleep(0.01)
        return not results.trouble

    def ready(self, told: Ready) -> None:
        """A worker is ready, or cannot be."""
        self._ready.add(told["index"])
        if self._results is not None and told["trouble"]:
            self._results.trouble = told["trouble"]

    def take(self, report: Report) -> None:
        """A worker's report."""
        if self._results is not None and not self.over.is_set():
            self._results.take(report)

    def interrupt(self) -> None:
        """Somebody ends the run: what was seen until now is asked for, and written."""
        if self.over.is_set():
            return
        if self._results is None:
            self.over.set()
            return
        if self._ended == FINISHED and not self._results.done:
            self._ended = INTERRUPTED
        self._end()
        self.over.wait(LAST_WORDS)
        if not self.over.is_set():
            for worker in self._results.workers:
                worker.lost = worker.lost or not worker.done
            self._conclude()

    def _end(self) -> None:
        for name in self._names:
            self.workers.send(name, END, None)

    def _missed(self, results: Results) -> None:
        """Workers that are heard no more are lost: their part ends where their last report does."""
        last = self.start + int((self.order.plan.seconds + 2 * self.order.patience + DRAIN) * SECOND)
        self._quiet += monotonic_ns() > last
        late = self._quiet > QUIET
        for worker in results.workers:
            if not (worker.done or worker.lost) and (late or not self.workers.alive(worker.name)):
                worker.lost = True
                say(f"worker {worker.name} is lost; its part is missing from now on")

    def _conclude(self) -> None:
        results = self._results
        if results is None or self.over.is_set():
            return
        until = None if self._ended == FINISHED else (monotonic_ns() - self.start) / SECOND if self.start else 0.0
        run = results.run(ended=self._ended, until=until)
        self.code, self.headline = self._written(run, results.examples)
        self.over.set()

    def _written(self, run: LoadRun, examples: dict[str, str]) -> tuple[int, list[str]]:
        code, lines = headline(run, examples)
        try:
            write(run, self.result)
        except PlimsollError as error:
            return 2, [*lines, f"the result is lost: {error}"]
        return code, [*lines, f"written: {self.result}"]


def boot_id() -> str:
    """What tells one start of one machine from any other: moments of the same start can be compared."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def moment(go: Go) -> int:
    """When the run begins, on this machine's clock."""
    if go["boot"] and go["boot"] == boot_id():
        return go["at"]
    return monotonic_ns() + int(go["within"] * SECOND)


def say(text: str) -> None:
    """A line for whoever watches. A log that is full, or closed, is no reason to lose what is measured."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
