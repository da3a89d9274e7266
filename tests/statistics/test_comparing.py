"""A difference is shown or it is not, and what would have been seen is said."""

from __future__ import annotations

import math
from itertools import product
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plimsoll.statistics.comparing import percentiles, shares, slower
from plimsoll.statistics.histogram import Histogram
from plimsoll.statistics.proportions import CannotJudge
from tests.statistics.services import binomial

counted = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
few = st.lists(st.integers(0, 40), min_size=1, max_size=12)


def of(latencies: list[int]) -> Histogram:
    """All of them."""
    histogram = Histogram()
    for each in latencies:
        histogram.add(each)
    return histogram


def latencies(median: float, count: int, seed: int) -> Histogram:
    """Log-normal ones, with a median of so many milliseconds."""
    chance = Random(seed)  # noqa: S311 - no secret
    return of([int(median * 1e6 * chance.lognormvariate(0, 0.5)) for _ in range(count)])


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_as_published(first: tuple[int, int], second: tuple[int, int], low: float, high: float) -> None:
    """Newcombe's own examples (1998, table II, method 10) lie within: with exact bounds it is a little wider."""
    it = shares(first, second)
    assert it.low is not None
    assert it.high is not None
    assert -1 <= it.low <= low + 0.00006
    assert high - 0.00006 <= it.high <= 1
    assert it.high - it.low <= (high - low) * 1.25


def test_few_failures_are_judged_as_an_exact_test_does() -> None:
    """Of ten thousand each: shown where Fisher's test (two-sided, so many in all, each on either side) says 5 %."""
    for one, total in [(few, all_) for all_ in range(1, 14) for few in range(all_ // 2 + 1)]:
        doubt = 2 * sum(math.comb(total, k) for k in range(one + 1)) / 2**total
        it = shares((one, 10_000), (total - one, 10_000))
        assert it.shown == (doubt <= 0.05), (one, total - one, doubt, it)


@settings(max_examples=40)
@given(first=counted, second=counted)
def test_the_other_way_round_it_is_mirrored(first: tuple[int, int], second: tuple[int, int]) -> None:
    """And the difference lies in its interval."""
    it, other = shares(first, second), shares(second, first)
    assert it.low is not None
    assert it.high is not None
    assert (it.value, it.low, it.high) == pytest.approx(
        (-other.value, -(other.high or 0), -(other.low or 0)), abs=1e-12
    )
    assert it.low - 1e-12 <= it.value <= it.high + 1e-12
    assert it.shown == other.shown


def test_clumping_widens() -> None:
    """Ten failures that came at once are one."""
    assert shares((0, 5000), (12, 5000)).shown
    assert not shares((0, 5000), (12, 5000), clumping=(1, 12)).shown


def test_smallest_difference_is_seen_four_times_of_five() -> None:
    """By simulation of both runs; and alike ones show one in at most 5 % (with some room for chance)."""
    chance, runs, size, share = Random(4), 120, 5000, 0.01  # noqa: S311 - no secret
    excess = shares((50, size), (50, size)).visible
    assert excess is not None
    seen, false = 0, 0
    for _ in range(runs):
        first = binomial(chance, size, share), size
        seen += shares(first, (binomial(chance, size, share + excess), size)).shown
        false += shares(first, (binomial(chance, size, share), size)).shown
    assert 0.72 <= seen / runs <= 0.9, seen / runs
    assert false / runs <= 0.07, false / runs


def test_what_cannot_be_seen() -> None:
    """Three requests each show nothing, whatever they say."""
    assert shares((0, 3), (0, 3)).visible is None


@given(first=few, second=few)
def test_rank_test_counts_every_pair(first: list[int], second: list[int]) -> None:
    """The chance is that of all pairs, equal ones half."""
    pairs = list(product(first, second))
    wins = sum((one < two) + 0.5 * (one == two) for one, two in pairs)
    it, other = slower(of(first), of(second)), slower(of(second), of(first))
    assert it.chance == pytest.approx(wins / len(pairs))
    assert other.chance == pytest.approx(1 - it.chance)
    assert other.doubt == pytest.approx(it.doubt)


@given(values=few)
def test_what_is_equal_is_not_slower(values: list[int]) -> None:
    """A run beside itself."""
    assume(len(values) > 1)
    it = slower(of(values), of(values))
    assert (it.chance, it.doubt, it.shown) == (0.5, 1.0, False)


def test_rank_test_knows_ties() -> None:
    """U = 30.5 of 6 x 7, ties 78: variance 42 / 12 (14 - 78 / 156) = 47.25, z = 9.5 / 6.874 = 1.382, worked by hand."""
    first, second = [1, 2, 2, 3, 4, 5], [2, 3, 3, 4, 5, 5, 6]
    it = slower(of(first), of(second))
    assert it.chance == pytest.approx(30.5 / 42)
    assert it.doubt == pytest.approx(0.1670, abs=0.0005)


def test_five_per_cent_slower_is_shown_by_ten_thousand() -> None:
    """And not by a hundred, which say what they would have seen."""
    one, other = (
        slower(latencies(20, 10_000, 1), latencies(21, 10_000, 2)),
        slower(latencies(20, 100, 1), latencies(21, 100, 2)),
    )
    assert one.shown
    assert one.chance > 0.5 + one.visible / 2
    assert not other.shown
    assert other.visible > one.visible * 4


def test_shift_of_a_percentile() -> None:
    """A fifth slower shows in p95, within its interval; the same service does not."""
    same = percentiles(latencies(20, 4000, 1), latencies(20, 4000, 2), 0.95)
    moved = percentiles(latencies(20, 4000, 1), latencies(24, 4000, 3), 0.95)
    true = (24 - 20) * 1e6 * 2.276  # the 95th percentile of that log-normal
    assert not same.shown
    assert same.visible is not None
    assert same.visible > 0
    assert moved.shown
    assert moved.low is not None
    assert moved.high is not None
    assert moved.low < true < moved.high


def test_too_few_for_a_percentile() -> None:
    """Nothing is shown, and no bound is made up."""
    it = percentiles(latencies(20, 40, 1), latencies(40, 40, 2), 0.99)
    assert (it.shown, it.low, it.visible) == (False, None, None)


def test_nothing_is_compared_with_nothing() -> None:
    """Says so."""
    for call in (
        lambda: slower(of([]), of([1])),
        lambda: percentiles(of([1]), of([]), 0.5),
        lambda: shares((0, 0), (1, 2)),
    ):
        with pytest.raises(CannotJudge, match="one of the runs counted nothing"):
            call()
