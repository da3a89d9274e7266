"""Who conducts a run of load, with workers that say what these tests let them say."""

from __future__ import annotations

from collections.abc import Sequence
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
from plimsoll.observations.load import Order, Target
from plimsoll.observations.load.stored import read_run

WORKLOAD = Workload(rate=10.0, journeys=(Journey(name="look", weight=1, steps=(Step(name="look", path="/"),)),))
TARGET = Target(scheme="http", host="localhost", port=1, address=("127.0.0.1", 1))
REPORT = Report(index=0, parts=[], begun=[], lags=(0, 0, 0, []), beats=[], examples={}, open=0, settled=0, done=True)
HOUR = 3600 * 1_000_000_000


class One:
    """One worker, in this process: ready at once, and done so many looks after the word to begin, or never.

    With the word to begin the process stands still for an hour.
    """

    def __init__(self, looks: int | None) -> None:
        self.looks = looks
        self.ahead = 0
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
        if kind == PREPARE:
            self.conductor.ready(Ready(index=0, trouble=""))
        elif kind == GO:
            self.ahead = HOUR
            if self.looks is not None:
                gevent.spawn_later(self.looks * _conductor.LOOK_EVERY, self.conductor.take, REPORT)

    def now(self) -> int:
        """The moment, as this process sees it."""
        return monotonic_ns() + self.ahead


@pytest.mark.parametrize(("looks", "lost"), [(20, False), (None, True)])
def test_who_stood_still_with_its_worker_still_hears_of_it(
    looks: int | None, *, lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only who says nothing for many looks is lost, however late it is."""
    one = One(looks)
    monkeypatch.setattr(_conductor, "monotonic_ns", one.now)
    monkeypatch.setattr(_conductor, "LOOK_EVERY", 0.01)
    order = Order(deployment="", target=TARGET, workload=WORKLOAD, plan=Plan(phases=steady(10, 2)))
    one.conductor = conductor = Conductor(order, one, tmp_path / "load.json")
    Greenlet.spawn(conductor.run).join(timeout=10)

    assert conductor.over.is_set()
    assert ("worker local was lost" in read_run(tmp_path / "load.json").trouble) == lost
