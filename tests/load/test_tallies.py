"""Counts are exact at the boundary, and adding those of several processes loses nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests._client import Answer
from loadtests._deciding import Deciding, counted
from loadtests._tallies import Book, Total
from plimsoll.errors import BadInput, PlimsollError
from plimsoll.model.load import Objective, Plan, steady
from plimsoll.model.workload import Journey, Step, Workload
from plimsoll.observations.load import DROPPED, Generator, LoadRun, Order, Pulse, Reading, Tally, Target, Window
from plimsoll.observations.load.stored import as_json, order_of, read_order, read_run, write
from plimsoll.statistics.histogram import Histogram

LIMIT = 200_000_000
SECOND = 1_000_000_000
Requests = list[tuple[int, int, str]]


def book(requests: Requests) -> Book:
    """A book of one route's requests, each due at a moment, with a latency, and trouble."""
    found = Book(["page"], [LIMIT])
    for moment, latency, trouble in requests:
        found.count(0, moment, Answer(moment, moment + latency), trouble, "")
    return found


def added(*books: Book) -> dict[int, Total]:
    """What all of them counted, by second."""
    totals: dict[int, Total] = {}
    for each in books:
        for part in each.fold()[0]:
            totals.setdefault(part[0], Total()).add(part)
    return totals


def test_a_limit_is_met_to_the_nanosecond() -> None:
    """Locust rounds 195 to 205 ms to 200; here one nanosecond decides."""
    total = added(book([(0, LIMIT - 1, ""), (0, LIMIT, ""), (0, LIMIT + 1, "")]))[0]

    assert (total.good, total.within) == (3, [2])


def test_a_request_belongs_to_the_second_in_which_it_was_due() -> None:
    totals = added(book([(SECOND - 1, 5 * SECOND, ""), (SECOND, 0, "")]))

    assert {second: total.good for second, total in totals.items()} == {0: 1, 1: 1}


def test_failures_are_in_no_good_latency() -> None:
    """503s that come at once would make a slow service look fast."""
    total = added(book([(0, SECOND, ""), *[(0, 1000, "status 503")] * 9]))[0]

    assert (total.latency.count, total.service.count, total.failed.count) == (1, 1, 9)
    assert total.latency.least == SECOND
    assert total.bad == {"status 503": 9}


def test_dropped_journeys_are_bad_and_have_no_latency() -> None:
    found = Book(["page"], [LIMIT])
    found.dropped(0, 5)
    total = added(found)[0]

    assert (total.bad, total.failed.count, total.good) == ({DROPPED: 1}, 0, 0)


REQUESTS = st.lists(
    st.tuples(st.integers(0, 3 * SECOND), st.integers(0, 60 * SECOND), st.sampled_from(["", "cut", "status 500"])),
    max_size=40,
)


@given(REQUESTS, st.integers(1, 4))
def test_several_processes_count_as_one(requests: Requests, workers: int) -> None:
    """A master with several workers has the very numbers that one process would have."""
    shares = [book(requests[worker::workers]) for worker in range(workers)]

    assert added(*shares) == added(book(requests))


def test_an_objective_counts_what_it_speaks_of() -> None:
    """Bad ones and slow ones where it has a limit; its own classes and routes, if it names any."""
    plan = Plan(phases=steady(1, 1), limits=(LIMIT,))
    total = Total(good=90, bad=Counter({"status 503": 4, "status 404": 3, "timed out": 3}), within=[80])
    rows = [(0, total), (1, None)]

    def bad(**words: object) -> tuple[int, int]:
        return counted(plan, Objective(promise="X", bad=0.1, **words), ("page", "other"), rows)  # type: ignore[arg-type] # words of this test

    assert bad() == (10, 100)
    assert bad(limit=LIMIT) == (20, 100)
    assert bad(classes=("status 5", "timed out")) == (7, 100)
    assert bad(routes=("other",)) == (0, 0)


def a_run() -> LoadRun:
    latency = Histogram()
    latency.add(123_456_789, 3)
    tally = Tally(route="page", good=3, bad={"status 503": 1}, within={LIMIT: 3}, latency=latency)
    return LoadRun(
        deployment="shop",
        target="https://shop.example",
        plan=Plan(phases=steady(10, 5, warm_up=1), limits=(LIMIT,), objectives=(Objective(promise="S-1", bad=0.001),)),
        windows=(Window(number=0, phase="steady", judged=True, due=4, begun=4, tallies=(tally,)),),
        generators=(Generator(name="w1", pulses=(Pulse(number=0, cpu=0.25, sockets=3, collecting=17),), lost=True),),
        readings=(Reading(at=1.5, role="app", what="cpu", value=0.5, limit=2.0),),
        seen_at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        trouble="worker w1 was lost",
        tools={"locust": "2.47.0"},
    )


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    write(a_run(), tmp_path / "new" / "load.json")

    assert read_run(tmp_path / "new" / "load.json") == a_run()
    assert [*tmp_path.rglob("*")] == [tmp_path / "new", tmp_path / "new" / "load.json"]


def test_an_order_is_read_as_it_was_written(tmp_path: Path) -> None:
    step = Step(name="make", path="/x", method="POST", expects=(201,), keeps={"id": "data.id"})
    order = Order(
        deployment="shop",
        target=Target(scheme="https", host="shop.example", port=443, address=("127.0.0.1", 8443), clients=10),
        workload=Workload(rate=3.0, journeys=(Journey(name="j", steps=(step,)),)),
        plan=a_run().plan,
        account=("a@b.example", "secret"),
    )
    write(order, tmp_path / "plan.json")

    assert read_order(tmp_path / "plan.json") == order == order_of(as_json(order))
    assert (tmp_path / "plan.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"schema":1', '"schema":2', "schema"),
        ('"good":3', '"good":"3"', "windows[0].tallies[0].good"),
        ('"200000000":3', '"soon":3', "windows[0].tallies[0].within.soon"),
        ('"due":4,', "", ""),
        ("}", "", "not JSON"),
    ],
)
def test_what_is_no_run_is_one_clear_error(tmp_path: Path, old: str, new: str, place: str) -> None:
    file = tmp_path / "load.json"
    file.write_text(as_json(a_run()).replace(old, new), encoding="utf-8")

    if not place:  # members that have a default may be absent
        assert read_run(file).windows[0].due == 0
        return
    with pytest.raises(BadInput, match=str(file)) as raised:
        read_run(file)
    assert place in str(raised.value)


def test_a_result_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(PlimsollError, match="cannot write"):
        write(a_run(), tmp_path / "file" / "load.json")


def test_a_run_is_decided_once_each_objective_is() -> None:
    """And not before; one without objectives is never."""
    plan = Plan(phases=steady(100, 60), objectives=(Objective(promise="A", bad=0.01), Objective(promise="B", bad=0.2)))
    good, bad = Total(good=1000), Total(bad=Counter({"cut": 1000}))
    deciding, never = Deciding(plan, ("page",)), Deciding(Plan(phases=steady(1, 1)), ("page",))
    seconds = 0
    while not deciding.decided and seconds < 200:
        deciding.feed(seconds, {(seconds, 0): bad})
        never.feed(seconds, {(seconds, 0): bad})
        seconds += 1

    assert 0 < seconds < 200
    assert (deciding.open, never.decided) == ((), False)
    other = Deciding(plan, ("page",))
    other.feed(0, {(0, 0): good})
    assert (len(other.open), other.decided) == (2, False)
