"""What is known of a hole outlives edits around it, and no baseline makes a run green by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.model import (
    Baseline,
    Finding,
    Hole,
    Outcome,
    Promise,
    RunIdentity,
    Spot,
    Verdict,
    Waiver,
    expired,
    holes_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
RUN = RunIdentity(id="a-run", started=NOW, finished=NOW, deployment="shop", stack="files")
PROMISE = Promise(id="SH-01", rule="health-checks-can-fail", area="containers", title="Checks fail", source="L3")


def hole(what: str, line: int = 3, *, file: str = "compose.yml", beside: tuple[Spot, ...] = ()) -> Hole:
    """One hole."""
    return Hole(spot=Spot(file, line), what=what, beside=beside)


def broken(*holes: Hole, promise: Promise = PROMISE) -> Finding:
    """The promise, broken at these places."""
    return promise.judged(holes, looked=holes, expected="none")


def baseline(*findings: Finding) -> Baseline:
    """What was written down of them."""
    return Baseline(file="baseline.json", known=tuple(holes_of(findings)))


def verdict(*findings: Finding) -> Verdict:
    """What a run with these findings says."""
    return Verdict(run=RUN, findings=findings)


SAME = [
    ("line of the hole", hole("a"), hole("a", 90)),
    ("line in words", hole("as line 7 says"), hole("as line 12 says")),
    ("block of a guide", hole("compose-L12 and compose-L40"), hole("compose-L19 and compose-L47")),
    (
        "line of a file that has a part",
        hole("a.conf:3 says 80", beside=(Spot("a.conf", 3),)),
        hole("a.conf:9 says 80", beside=(Spot("a.conf", 9),)),
    ),
]


@pytest.mark.parametrize(("before", "after"), [pair[1:] for pair in SAME], ids=[pair[0] for pair in SAME])
def test_lines_may_move(before: Hole, after: Hole) -> None:
    """What differs by nothing but numbers of lines is the same hole."""
    assert baseline(broken(before)).applied(broken(after)).known


OTHER = [
    ("another file", hole("a"), hole("a", file="other.yml")),
    ("another word", hole("a"), hole("b")),
    ("another port", hole("0.0.0.0:8080 is open"), hole("0.0.0.0:5432 is open")),
    ("another port of a service", hole("db:5432 is open"), hole("db:5433 is open")),
    ("another file beside", hole("a", beside=(Spot("a.conf", 1),)), hole("a", beside=(Spot("b.conf", 1),))),
]


@pytest.mark.parametrize(("before", "after"), [pair[1:] for pair in OTHER], ids=[pair[0] for pair in OTHER])
def test_another_hole_is_new(before: Hole, after: Hole) -> None:
    """What is wrong elsewhere, or in another way, was not known."""
    assert not baseline(broken(before)).applied(broken(after)).known


def test_the_same_hole_of_another_promise_is_new() -> None:
    """A baseline speaks of the promises that it was written of."""
    other = replace(PROMISE, id="SH-02")
    assert not baseline(broken(hole("a"))).applied(broken(hole("a"), promise=other)).known


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.lists(st.sampled_from("abc"), min_size=1, max_size=6)
)
def test_equal_holes_are_counted(before: list[str], after: list[str]) -> None:
    """Two that read the same are known twice: a third is new, and one less is gone."""
    old, new = broken(*map(hole, before)), broken(*map(hole, after))
    kept = baseline(old)
    judged = kept.applied(new)
    fresh = {word: max(after.count(word) - before.count(word), 0) for word in "abc"}
    assert sum(not each.known for each in judged.holes) == sum(fresh.values())
    assert judged.known is not any(fresh.values())
    assert len(kept.gone((new,))) == sum(max(before.count(word) - after.count(word), 0) for word in "abc")


def test_a_promise_broken_at_no_place_is_known_by_its_message() -> None:
    """What a server says has no lines; a figure that changed is news."""
    slow = PROMISE.broken(expected="", actual="", message="takes 3 s")
    slower = replace(slow, message="takes 9 s")
    assert baseline(slow).applied(slow).known
    assert not baseline(slow).applied(slower).known


def test_what_nobody_could_tell_is_neither_known_nor_gone() -> None:
    """A file that could not be read today may still have yesterday's hole."""
    unknown = PROMISE.unknown("cannot be read")
    kept = baseline(broken(hole("a")))
    assert kept.applied(unknown) == unknown
    assert kept.gone((unknown,)) == ()
    assert kept.gone(()) == ()
    assert len(kept.gone((PROMISE.kept(expected="", actual=""),))) == 1


def test_a_baseline_that_excuses_everything_is_not_green() -> None:
    """Where nothing was seen kept, known holes are all there is, and that is no reason to call it safe."""
    known = baseline(broken(hole("a"))).applied(broken(hole("a")))
    assert verdict(known).outcome is Outcome.UNKNOWN
    assert verdict(known).exit_code == 2
    assert verdict(known, PROMISE.kept(expected="", actual="")).exit_code == 0
    assert verdict(known, PROMISE.unknown("no answer")).exit_code == 2


def waived(until: date) -> Promise:
    """The promise, waived until a day."""
    return replace(PROMISE, waiver=Waiver(reason="r", owner="ops", expires=until, spot=Spot("deployment.toml", 9)))


@pytest.mark.parametrize("outcome", Outcome)
def test_an_expired_waiver_is_broken_whatever_became_of_the_promise(outcome: Outcome) -> None:
    """At the line where it is written; on its last day it has not expired."""
    over, last = waived(date(2026, 2, 28)), waived(TODAY)
    finding = replace(broken(hole("a"), promise=over), outcome=outcome)
    (told,) = expired((finding,), TODAY)
    assert told.outcome is Outcome.FAIL
    assert told.holes[0].spot == Spot("deployment.toml", 9)
    assert "SH-01 expired on 2026-02-28" in told.message
    assert list(expired((replace(finding, promise=last), replace(finding, promise=PROMISE)), TODAY)) == []
    assert verdict(PROMISE.kept(expected="", actual=""), told).exit_code == 1
