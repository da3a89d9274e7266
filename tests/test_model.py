"""Outcomes merge as promised, and a verdict's exit code tells the truth."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.model import Finding, Outcome, Promise, RunIdentity, Verdict, Waiver, merge

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Outcome
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = RunIdentity(id="a-run", started=NOW, finished=NOW, deployment="shop", stack="live")
PROMISE = Promise(id="SH-01", rule="http2-offered", area="tls", title="Speaks HTTP/2", source="the guide, L3")
OUTCOMES = st.lists(st.sampled_from(Outcome))


def waived(until: date) -> Promise:
    """The promise, waived until a day."""
    return replace(PROMISE, waiver=Waiver(reason="an old client", owner="the team", expires=until))


def kept(promise: Promise = PROMISE) -> Finding:
    """The promise holds."""
    return promise.kept(expected="h2", actual="h2")


def broken(promise: Promise = PROMISE) -> Finding:
    """The promise is broken."""
    return promise.broken(expected="h2", actual="http/1.1", message="it does not offer HTTP/2")


def verdict(*findings: Finding, strict: bool = False) -> Verdict:
    """What a run with these findings says."""
    return Verdict(run=RUN, findings=findings, strict=strict)


CANNOT_TELL = PROMISE.unknown("no answer")
OUT_OF_REACH = PROMISE.unknown("needs a CDN", out_of_reach=True)
DOES_NOT_APPLY = PROMISE.not_applicable("it serves no pages")


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        ((), UNKNOWN),
        ((PASS,), PASS),
        ((FAIL,), FAIL),
        ((UNKNOWN,), UNKNOWN),
        ((NOT_APPLICABLE,), UNKNOWN),
        ((PASS, NOT_APPLICABLE), PASS),
        ((PASS, UNKNOWN), UNKNOWN),
        ((PASS, FAIL), FAIL),
        ((UNKNOWN, FAIL), FAIL),
        ((UNKNOWN, NOT_APPLICABLE), UNKNOWN),
        ((FAIL, NOT_APPLICABLE), FAIL),
        ((PASS, UNKNOWN, FAIL, NOT_APPLICABLE), FAIL),
    ],
)
def test_merge(outcomes: tuple[Outcome, ...], merged: Outcome) -> None:
    """FAIL beats UNKNOWN beats PASS, in whatever order; nothing judged is UNKNOWN."""
    assert {merge(order) for order in permutations(outcomes)} == {merged}


@given(outcomes=OUTCOMES, more=OUTCOMES)
def test_merge_does_not_depend_on_order_or_number(outcomes: list[Outcome], more: list[Outcome]) -> None:
    """Merging twice, backwards or in parts says the same."""
    assert merge(outcomes) is merge(reversed(outcomes)) is merge(outcomes * 2)
    if {PASS, FAIL, UNKNOWN} & set(outcomes) and {PASS, FAIL, UNKNOWN} & set(more):
        assert merge([merge(outcomes), merge(more)]) is merge(outcomes + more)


@given(outcomes=OUTCOMES)
def test_nothing_worse_is_ever_hidden(outcomes: list[Outcome]) -> None:
    """PASS is said only when something passed and nothing else was said."""
    assert (merge(outcomes) is FAIL) == (FAIL in outcomes)
    assert (merge(outcomes) is PASS) == (PASS in outcomes and not {FAIL, UNKNOWN} & set(outcomes))
    assert merge(outcomes) is not NOT_APPLICABLE


@pytest.mark.parametrize(
    ("findings", "strict", "outcome", "code"),
    [
        ((kept(),), False, PASS, 0),
        ((kept(), broken()), False, FAIL, 1),
        ((kept(), CANNOT_TELL), False, UNKNOWN, 2),
        ((broken(), CANNOT_TELL), False, FAIL, 1),
        # Nothing judged is never green.
        ((), False, UNKNOWN, 2),
        ((), True, UNKNOWN, 2),
        ((CANNOT_TELL,), False, UNKNOWN, 2),
        ((DOES_NOT_APPLY,), False, UNKNOWN, 2),
        ((OUT_OF_REACH,), False, UNKNOWN, 2),
        ((OUT_OF_REACH, DOES_NOT_APPLY), True, UNKNOWN, 2),
        # Out of reach counts only when strict.
        ((kept(), OUT_OF_REACH), False, PASS, 0),
        ((kept(), OUT_OF_REACH), True, UNKNOWN, 2),
        ((broken(), OUT_OF_REACH), False, FAIL, 1),
        ((broken(), OUT_OF_REACH), True, FAIL, 1),
        ((kept(), DOES_NOT_APPLY), True, PASS, 0),
        # A waiver excuses a failure until its day is over, and nothing else.
        ((kept(), broken(waived(date(2026, 3, 1)))), False, PASS, 0),
        ((kept(), broken(waived(date(2026, 3, 1)))), True, PASS, 0),
        ((kept(), broken(waived(date(2026, 2, 28)))), False, FAIL, 1),
        ((broken(waived(date(2026, 3, 1))),), False, UNKNOWN, 2),
        ((broken(), broken(waived(date(2026, 3, 1)))), False, FAIL, 1),
        ((kept(waived(date(2026, 3, 1))),), False, PASS, 0),
        ((kept(), waived(date(2026, 3, 1)).unknown("no answer")), False, UNKNOWN, 2),
    ],
)
def test_exit_codes(findings: tuple[Finding, ...], strict: bool, outcome: Outcome, code: int) -> None:
    """0: kept, and something was judged; 1: broken; 2: nobody could tell."""
    said = verdict(*findings, strict=strict)

    assert (said.outcome, said.exit_code) == (outcome, code)


def test_counts_hide_nothing() -> None:
    """What is waived, out of reach or not applicable is counted as what it is."""
    said = verdict(kept(), broken(), broken(waived(date(2027, 1, 1))), CANNOT_TELL, OUT_OF_REACH, DOES_NOT_APPLY)

    assert said.counts == {PASS: 1, FAIL: 2, UNKNOWN: 2, NOT_APPLICABLE: 1}


def test_a_waiver_ends_with_its_day() -> None:
    """On the day it expires it still holds; on the next it does not; a kept promise needs none."""
    finding = broken(waived(date(2026, 3, 1)))

    assert [finding.is_waived(date(2026, month, 1)) for month in (2, 3, 4)] == [True, True, False]
    assert not kept(waived(date(2026, 3, 1))).is_waived(date(2026, 3, 1))
    assert not broken().is_waived(date(2026, 3, 1))


def test_findings_say_what_their_promise_says() -> None:
    """Each way to judge gives its outcome and takes along what it was given."""
    finding = PROMISE.unknown("no answer", expected="h2", actual="silence", hint="ask again", evidence=["a", "b"])

    assert (kept().outcome, broken().outcome, finding.outcome, DOES_NOT_APPLY.outcome) == tuple(Outcome)
    assert finding.promise is PROMISE
    assert (finding.expected, finding.actual, finding.hint, finding.evidence) == (
        "h2",
        "silence",
        "ask again",
        ("a", "b"),
    )
    with pytest.raises(FrozenInstanceError):
        finding.outcome = PASS  # type: ignore[misc] # the very thing that must not work
