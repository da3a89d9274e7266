"""Who conducts a run of load, with workers that say what these tests let them say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic_ns

import gevent
import pytest
from gevent import Greenlet

from loadtests import _conductor
from loadtests._conductor import GO, PREPARE, Conductor, Ready
from loadtests._hand import Report
from plimsoll.model.load import Plan, steady
from plimsoll.model.workload import Journey, Step, Workload
from plimsoll.observations.load import LoadRun, Order, Target
from plimsoll.observations.load.run import FINISHED, INTERRUPTED
from plimsoll.observations.load.stored import read_run

WORKLOAD = Workload(rate=10.0, journeys=(Journey(name="look", weight=1, steps=(Step(name="look", path="/"),)),))
TARGET = Target(scheme="http", host="localhost", port=1, address=("127.0.0.1", 1))
REPORT = Report(index=0, parts=[], begun=[], lags=(0, 0, 0, []), beats=[], examples={}, open=0, settled=0, done=True)
HOUR = 3600 * 1_000_000_000


class One:
    """One worker: ready once it hears what it is to prepare, and done so many looks after the word to begin, or never.

    It hears nothing of the first `deaf` messages, or has trouble; with the word to begin the process may stand still.
    """

    def __init__(self, *, looks: int | None = 20, deaf: int = 0, trouble: str = "", standstill: int = 0) -> None:
        self.looks, self.deaf, self.trouble, self.standstill = looks, deaf, trouble, standstill
        self.ahead = 0
        self.heard: list[object] = []
        self.conductor: Conductor | None = None

    def names(self) -> Sequence[str]:
        """Its one name."""
        return ["local"]

    def alive(self, name: str) -> bool:
        """It never leaves."""
        return name == "local"

    def send(self, name: str, kind: str, data: object) -> None:  # noqa: ARG002 - as whoever sends has it
        """It does as it was made to."""
        assert self.conductor is not None
        self.heard.append(data)
        if len(self.heard) <= self.deaf:
            return
        if kind == PREPARE:
            gevent.spawn(self.conductor.ready, Ready(index=0, trouble=self.trouble))
        elif kind == GO:
            self.ahead = self.standstill
            if self.looks is not None:
                gevent.spawn_later(self.looks * _conductor.LOOK_EVERY, self.conductor.take, REPORT)

    def now(self) -> int:
        """The moment, as this process sees it."""
        return monotonic_ns() + self.ahead


@pytest.fixture
def conducted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[One], LoadRun]:
    """What is written of two seconds with that worker."""

    def conducted(one: One) -> LoadRun:
        monkeypatch.setattr(_conductor, "monotonic_ns", one.now)
        order = Order(deployment="", target=TARGET, workload=WORKLOAD, plan=Plan(phases=steady(10, 2)))
        one.conductor = conductor = Conductor(order, one, tmp_path / "load.json")
        Greenlet.spawn(conductor.run).join(timeout=10)
        assert conductor.over.is_set()
        return read_run(tmp_path / "load.json")

    monkeypatch.setattr(_conductor, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(_conductor, "REMIND", 0.05)
    return conducted


@pytest.mark.parametrize(("looks", "lost"), [(20, False), (None, True)])
def test_who_stood_still_with_its_worker_still_hears_of_it(
    conducted: Callable[[One], LoadRun], looks: int | None, *, lost: bool
) -> None:
    """Only who says nothing for many looks is lost, however late it is."""
    run = conducted(One(looks=looks, standstill=HOUR))

    assert ("worker local was lost" in run.trouble) == lost
    assert [generator.lost for generator in run.generators] == [lost]


def test_who_heard_nothing_is_told_again(conducted: Callable[[One], LoadRun]) -> None:
    """A worker takes messages of ours once its Locust is set up, which may be late; it knows by the run what it has."""
    one = One(deaf=2)

    assert conducted(one).trouble == ""
    assert one.heard[0] == one.heard[1] == one.heard[2]


def test_who_ends_early_was_interrupted(conducted: Callable[[One], LoadRun]) -> None:
    """Ctrl-C comes to every process of a terminal: this one may be the last to hear of it."""
    assert conducted(One()).ended == INTERRUPTED
    assert conducted(One(standstill=HOUR)).ended == FINISHED


def test_who_has_trouble_is_told_nothing_more(conducted: Callable[[One], LoadRun]) -> None:
    """Also where nobody else is waited for."""
    one = One(trouble="nobody can log in")

    assert conducted(one).trouble == "nobody can log in"
    assert len(one.heard) == 1
