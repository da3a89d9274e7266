"""A run stops when it is decided, and stays decided."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.statistics.clumping import WINDOWS
from plimsoll.statistics.evidence import evidence
from plimsoll.statistics.planning import fewest_bad, most_bad
from plimsoll.statistics.proportions import CannotJudge
from plimsoll.statistics.stopping import Anytime, Curtailed

runs = st.lists(st.integers(0, 6), min_size=1, max_size=90)


def test_good_run_passes_with_a_quarter_more() -> None:
    """Some 3,731 good ones, where a fixed count takes 2,995."""
    run, windows = Anytime(limit=0.001), 1
    while run.feed(0, 50) is Outcome.UNKNOWN:
        windows += 1
    assert 3700 < 50 * windows < 3800
    assert run.judgement.high <= 0.001
    assert run.judgement.outcome is Outcome.PASS


def test_bad_run_fails_as_soon_as_windows_suffice() -> None:
    """All bad: at the first moment when anybody knows how failures come."""
    run, windows = Anytime(limit=0.05), 1
    while run.feed(50, 50) is Outcome.UNKNOWN:
        windows += 1
    assert windows == WINDOWS
    assert run.judgement.low > 0.05


def test_nothing_passes_before_windows_suffice() -> None:
    """One large window is no evidence of how failures come."""
    run = Anytime(limit=0.05)
    assert {run.feed(0, 1000) for _ in range(WINDOWS - 1)} == {Outcome.UNKNOWN}
    assert run.feed(0, 1000) is Outcome.PASS


@settings(max_examples=40)
@given(windows=runs, more=runs)
def test_decided_stays_decided(windows: list[int], more: list[int]) -> None:
    """Whatever comes after; and the bounds say the same as the outcome."""
    run = Anytime(limit=0.03)
    for bad in windows:
        run.feed(bad, 50)
    before = run.judgement
    assert (before.high <= 0.03) == (before.outcome is Outcome.PASS) or run.windows.clumping.windows < WINDOWS
    assert (before.low > 0.03) == (before.outcome is Outcome.FAIL)
    assert before.low <= (before.share or 0) <= before.high
    if before.outcome is not Outcome.UNKNOWN:
        for bad in more:
            assert run.feed(bad, 50) is before.outcome
        assert run.judgement == before


@given(of=st.integers(1, 10**6), limit=st.sampled_from([0.001, 0.05]), data=st.data())
def test_one_more_bad_never_speaks_for_the_service(of: int, limit: float, data: st.DataObject) -> None:
    """It is less evidence for it, and more against it."""
    bad = data.draw(st.integers(0, min(of - 1, math.ceil(4 * limit * of))))
    one, other = evidence(bad, of, limit, limit), evidence(bad + 1, of, limit, limit)
    assert other.kept < one.kept
    assert other.broken > one.broken


def test_more_says_when() -> None:
    """The events that are missing, if it goes on so."""
    run = Anytime(limit=0.001)
    assert run.judgement.more == pytest.approx(3731, abs=2)
    for _ in range(WINDOWS):
        run.feed(0, 50)
    assert run.judgement.more == pytest.approx(3731 - 50 * WINDOWS, abs=2)


@settings(max_examples=40)
@given(windows=runs, planned=st.integers(100, 5000))
def test_curtailed_is_what_the_end_says(windows: list[int], planned: int) -> None:
    """If the rest were all good, and if it were all bad: the verdict is the whole run's."""
    run = Curtailed(limit=0.03, planned=planned)
    for bad in windows:
        run.feed(bad, 50)
    bad, rest = run.windows.bad, max(0, planned - run.windows.of)
    whole = run.windows.of + rest
    most, fewest = most_bad(whole, 0.03), fewest_bad(whole, 0.03)
    if run.outcome is Outcome.PASS:
        assert most is not None
        assert bad + rest <= most
    if run.outcome is Outcome.FAIL:
        assert fewest is not None
        assert bad >= fewest
    assert (run.judgement.high <= 0.03) == (run.outcome is Outcome.PASS)
    assert (run.judgement.low > 0.03) == (run.outcome is Outcome.FAIL)


def test_curtailed_fails_early_and_passes_at_the_end() -> None:
    """As failures are proof at once, and good answers only when the last is in."""
    bad, good = Curtailed(limit=0.001, planned=10_000), Curtailed(limit=0.001, planned=10_000)
    failed = next(number for number in range(1, 201) if bad.feed(1, 50) is Outcome.FAIL)
    passed = next(number for number in range(1, 201) if good.feed(0, 50) is Outcome.PASS)
    assert failed == WINDOWS
    assert passed == pytest.approx(200, abs=1)
    assert good.judgement.more in (None, 50)


def test_curtailed_run_is_over_at_its_end() -> None:
    """To go on would be a second look."""
    run = Curtailed(limit=0.001, planned=1000)
    for _ in range(200):
        run.feed(0, 50)
    assert (run.windows.of, run.outcome) == (1000, Outcome.UNKNOWN)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1])
def test_limits_that_nobody_can_stop_at(limit: float) -> None:
    """Say so at once."""
    with pytest.raises(CannotJudge, match="a limit of"):
        Anytime(limit=limit)
