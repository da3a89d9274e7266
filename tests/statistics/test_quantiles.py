"""Percentiles have intervals that hold the truth, whatever the distribution."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.statistics.beta import at_most
from plimsoll.statistics.histogram import Histogram
from plimsoll.statistics.planning import most_bad
from plimsoll.statistics.proportions import CannotJudge
from plimsoll.statistics.quantiles import bound_of, least_count, percentile_of, ranks

shares = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999])


def test_least_counts() -> None:
    """As tables have them; and one less has no bound."""
    assert [least_count(share) for share in (0.9, 0.95, 0.99, 0.999)] == [29, 59, 299, 2995]
    for share in (0.9, 0.95, 0.99, 0.999):
        count = least_count(share)
        assert bound_of(range(count), share) == count - 1
        assert bound_of(range(count - 1), share) is None


def test_bound_is_the_one_of_the_count() -> None:
    """p95 of 1,000: the 962nd, as 38 may be above it."""
    assert bound_of(range(1, 1001), 0.95) == 962


@settings(max_examples=40)
@given(count=st.integers(1, 20_000), share=shares)
def test_bound_and_verdict_agree(count: int, share: float) -> None:
    """The bound is the value that as many exceed as may be bad for a PASS."""
    most, rank = most_bad(count, 1 - share), ranks(count, share, 0.05)[1]
    assert rank == (None if most is None else count - most)


@settings(max_examples=40)
@given(count=st.integers(1, 20_000), share=shares, clumping=st.sampled_from([1.0, 3.7]))
def test_ranks_enclose_with_the_confidence_said(count: int, share: float, clumping: float) -> None:
    """Exactly: each side is wrong with 2.5 % at most, and one rank further in would be wrong more often."""
    low, high = ranks(count, share, 0.025)
    assert low is None or at_most(low - 1, count, share) <= 0.025 < at_most(low, count, share)
    assert high is None or 1 - at_most(high - 1, count, share) <= 0.025 + 1e-12
    assert high in (None, 1) or 1 - at_most(high - 2, count, share) > 0.025
    wider = ranks(count, share, 0.025, clumping=clumping)
    assert (wider[0] or 0) <= (low or 0)
    assert (wider[1] or count + 1) >= (high or count + 1)


def test_interval_holds_the_percentile() -> None:
    """In about 95 of 100 samples, of a distribution that nobody assumed."""
    chance = Random(11)  # noqa: S311 - no secret
    held = 0
    for _ in range(300):
        it = percentile_of(sorted(chance.random() ** 5 for _ in range(400)), 0.95)
        assert it.low is not None
        assert it.high is not None
        held += it.low <= 0.95**5 <= it.high
    assert held / 300 >= 0.93, held / 300


@settings(max_examples=40)
@given(values=st.lists(st.integers(0, 10**10), min_size=1, max_size=300), share=shares)
def test_histogram_says_the_same_and_no_less(values: list[int], share: float) -> None:
    """Its interval holds that of the values themselves, and is a thousandth wider at most."""
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact, it = percentile_of(sorted(values), share), percentile_of(histogram, share)
    assert exact.value is not None
    assert it.value is not None
    assert exact.value <= it.value <= exact.value * (1 + 1 / 1024)
    for mine, true, sign in ((it.low, exact.low, -1), (it.high, exact.high, 1)):
        assert (mine is None) == (true is None)
        assert mine is None or true is None or 0 <= sign * (mine - true) <= true / 1024


def test_nothing_has_no_percentile() -> None:
    """And no bound; and p100 is none."""
    it = percentile_of([], 0.95)
    assert (it.value, it.low, it.high) == (None, None, None)
    with pytest.raises(CannotJudge, match=r"p99 is 0\.99"):
        percentile_of([1, 2, 3], 1.0)
