"""What a run can decide is known before it starts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.statistics.beta import exactly
from plimsoll.statistics.planning import (
    CannotDecide,
    chance_to_pass,
    fewest_bad,
    least,
    likely,
    minutes,
    most_bad,
    planned,
    to_fail,
)
from plimsoll.statistics.proportions import judged

limits = st.sampled_from([0.001, 0.01, 0.05, 0.3])


def test_least_counts() -> None:
    """As tables have them, by bad events, confidence and limit."""
    assert [least(0.001, bad) for bad in (0, 1, 2, 3, 5, 10, 20)] == [2995, 4742, 6294, 7752, 10511, 16959, 29058]
    assert (least(0.001, sure=0.99), least(0.0001), least(0.05), least(0.01)) == (4603, 29956, 59, 299)
    assert least(0.001, clumping=10) == pytest.approx(29_943, abs=10)
    assert least(0.001, objectives=5) == 4603


def test_most_bad_that_pass() -> None:
    """As tables have them, for p95."""
    counts = [58, 59, 100, 200, 500, 1000, 3000, 10_000]
    assert [most_bad(of, 0.05) for of in counts] == [None, 0, 1, 4, 16, 38, 130, 463]


@settings(max_examples=40)
@given(of=st.integers(1, 30_000), limit=limits, clumping=st.sampled_from([1.0, 2.5, 40.0]))
def test_plans_and_verdicts_agree(of: int, limit: float, clumping: float) -> None:
    """The most that pass pass, one more does not; the fewest that fail fail, one less does not."""
    most, fewest = most_bad(of, limit, clumping=clumping), fewest_bad(of, limit, clumping=clumping)

    def outcome(bad: int) -> Outcome:
        return judged(bad, of, limit, clumping=clumping).outcome

    assert most is None or outcome(most) is Outcome.PASS
    assert outcome(0 if most is None else most + 1) is not Outcome.PASS
    assert fewest is None or outcome(fewest) is Outcome.FAIL
    assert outcome(of if fewest is None else fewest - 1) is not Outcome.FAIL


def test_chance_to_pass_is_the_tail() -> None:
    """Of the binomial, added up one by one; and never above the doubt for a service at its limit."""
    tail = sum(exactly(bad, 10_000, 0.0005) for bad in range(5))
    assert chance_to_pass(0.0005, 10_000, 0.001) == pytest.approx(tail, rel=1e-9)
    assert chance_to_pass(0.001, 10_000, 0.001) <= 0.05
    assert chance_to_pass(0.0, 2994, 0.001) == 0


@pytest.mark.parametrize(("share", "limit"), [(0.0, 0.001), (0.0003, 0.001), (0.0005, 0.001), (0.04, 0.05)])
def test_likely_counts_are_likely(share: float, limit: float) -> None:
    """A service of that quality passes four times of five; nearer to its limit it takes more."""
    count = likely(share, limit)
    assert count is not None
    assert chance_to_pass(share, count, limit) >= 0.8
    assert chance_to_pass(share, count - count // 5, limit) < 0.8 or count == least(limit)
    assert count <= (likely((share + limit) / 2, limit) or 0)


def test_failing_takes_fewer_the_worse() -> None:
    """Twice the limit, ten times, and one that keeps it."""
    assert judged(9, to_fail(0.001, 0.002), 0.001).outcome is Outcome.FAIL
    assert to_fail(0.001, 0.01) < to_fail(0.001, 0.002) < to_fail(0.001, 0.0011)
    with pytest.raises(CannotDecide, match="never fails"):
        to_fail(0.001, 0.001)


def test_plan_says_what_it_can() -> None:
    """Counts, minutes and chance."""
    plan = planned(0.001, rate=50, of=20_000, expected=0.0003)
    assert (plan.clean, plan.most, plan.fewest) == (2995, 12, 29)
    assert plan.minutes == pytest.approx(6.67, abs=0.01)
    assert plan.chance == pytest.approx(0.991, abs=0.001)
    assert plan.likely is not None
    assert plan.likely < 20_000
    assert planned(0.001, rate=50, of=20_000, expected=0.002).likely is None


def test_plan_that_cannot_decide_is_refused() -> None:
    """With what to change, and to what."""
    with pytest.raises(CannotDecide) as refused:
        planned(0.001, rate=5, of=300)
    assert str(refused.value) == (
        "cannot decide: 300 events prove no 99.9 % of good ones, not even if all are: it takes 2,995, "
        "10.0 minutes at 5 a second, or 49.9 a second for 1.0 minutes"
    )
    with pytest.raises(CannotDecide, match="no run is long enough to prove a share of 0; "):
        planned(0.0, rate=5, of=300)
    with pytest.raises(CannotDecide, match="nothing is counted"):
        planned(0.001, rate=0, of=300)


def test_minutes() -> None:
    """Of a count, at a rate."""
    assert minutes(2995, 50) == pytest.approx(0.998, abs=0.001)
