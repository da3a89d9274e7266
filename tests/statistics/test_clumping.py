"""Bad events that come together count as few."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.statistics.clumping import WINDOWS, Windows
from plimsoll.statistics.proportions import CannotJudge
from tests.statistics.services import alone, in_bursts

SEED = 5


def windows_of(counts: list[int], of: int = 50, *, assumed: float = 1.0) -> Windows:
    """Windows of equal size with these bad ones."""
    windows = Windows(assumed=assumed)
    for bad in counts:
        windows.add(bad, of)
    return windows


def test_events_that_come_alone_count_nearly_in_full() -> None:
    """Some more than one by chance, hardly twice."""
    factors = [windows_of(alone(Random(seed), 200, 50, 0.02)).clumping.factor for seed in range(40)]  # noqa: S311 - no secret
    assert sum(factors) / 40 < 1.4
    assert max(factors) < 2.5


@pytest.mark.parametrize("size", [5, 20, 150])
def test_bursts_count_about_once(size: int) -> None:
    """Also those that last longer than a window, which neighbouring windows taken together show."""
    windows = windows_of(in_bursts(size)(Random(SEED), 2000, 50, 0.02))  # noqa: S311 - no secret
    assert 0.7 * size < windows.clumping.factor < 2 * size


def test_all_in_one_window_is_one_event() -> None:
    """However many they were."""
    clumping = windows_of([0] * 60 + [40] + [0] * 59).clumping
    assert clumping.alone
    assert clumping.effective(40, 6000)[0] <= 1.1


def test_too_few_windows_are_one_event() -> None:
    """Nobody knows how they came, so the worst is reckoned with; none at all still count as none."""
    few = windows_of([3] * (WINDOWS - 1))
    assert not few.clumping.measured
    assert few.clumping.effective(few.bad, few.of)[0] == 1
    assert windows_of([0] * 5, 1000).judged(0.001).outcome is Outcome.PASS
    assert windows_of([0] * 4 + [9], 5_000).judged(0.001).outcome is Outcome.UNKNOWN
    assert windows_of([9_000] * 5, 10_000).judged(0.001).outcome is Outcome.FAIL


def test_what_is_assumed_is_the_least() -> None:
    """Ten seconds at 50 a second prove nothing if a failure takes one of them."""
    assert windows_of([0] * 60, 50).judged(0.001).outcome is Outcome.PASS
    assert windows_of([0] * 60, 50, assumed=50).judged(0.001).outcome is Outcome.UNKNOWN


def test_window_without_events_is_passed_over() -> None:
    """It says nothing."""
    windows = windows_of([1] * 50)
    windows.add(0, 0)
    assert windows.clumping.windows == 50


@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=200))
def test_never_worth_more_than_independent(counts: list[int]) -> None:
    """And sums are right whatever the windows."""
    windows = windows_of(counts)
    assert windows.clumping.factor >= 1
    assert (windows.bad, windows.of, windows.touched) == (sum(counts), 50 * len(counts), sum(map(bool, counts)))


@settings(max_examples=40)
@given(counts=st.lists(st.integers(0, 5), min_size=40, max_size=100), at=st.integers(0, 39))
def test_one_more_bad_never_turns_fail_into_pass(counts: list[int], at: int) -> None:
    """Though it may change how they clump."""
    worse = [bad + (number == at) for number, bad in enumerate(counts)]
    pair = windows_of(counts).judged(0.05).outcome, windows_of(worse).judged(0.05).outcome
    assert pair != (Outcome.FAIL, Outcome.PASS)


def test_more_bad_than_all() -> None:
    """Is no window."""
    with pytest.raises(CannotJudge, match="a window with 3 bad events of 2"):
        Windows().add(3, 2)
