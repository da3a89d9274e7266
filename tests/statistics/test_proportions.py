"""Bounds of shares are exact, and verdicts never turn the wrong way."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.statistics.beta import at_least, at_most, exactly, log_at_least
from plimsoll.statistics.proportions import CannotJudge, between, judged

RANKED = [Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL]

shares = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000)
limits = st.sampled_from([0.0001, 0.001, 0.01, 0.05, 0.3])


@given(of=st.integers(1, 60), share=shares, data=st.data())
def test_sums_are_those_of_fractions(of: int, share: Fraction, data: st.DataObject) -> None:
    """What a sum of fractions says, to ten digits: at most, at least, exactly so many."""
    count = data.draw(st.integers(0, of))
    masses = [math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]
    assert at_most(count, of, float(share)) == pytest.approx(float(sum(masses[: count + 1])), rel=1e-10)
    assert exactly(count, of, float(share)) == pytest.approx(float(masses[count]), rel=1e-10)
    if count:
        least = at_least(count, of - count + 1, float(share))
        assert least == pytest.approx(float(sum(masses[count:])), rel=1e-10)


@pytest.mark.parametrize(
    ("a", "b", "x", "value"), [(3, 1, 0.5, 0.125), (1, 4, 0.2, 1 - 0.8**4), (0.5, 0.5, 0.25, 1 / 3)]
)
def test_beta_has_closed_forms(a: float, b: float, x: float, value: float) -> None:
    """Powers, and the arcsine."""
    assert at_least(a, b, x) == pytest.approx(value, rel=1e-13)


def test_tails_too_small_for_a_number_have_a_logarithm() -> None:
    """One million bad ones in a row."""
    assert log_at_least(10**6, 1, 0.001) == pytest.approx(10**6 * math.log(0.001), rel=1e-12)


@pytest.mark.parametrize(
    ("bad", "of"), [(0, 2995), (1, 4742), (2, 6294), (3, 7752), (5, 10511), (10, 16959), (20, 29058)]
)
def test_smallest_counts_that_pass(bad: int, of: int) -> None:
    """99.9 % at 95 %, and not one fewer; what decides then is said."""
    assert judged(bad, of, 0.001).outcome is Outcome.PASS
    one_less = judged(bad, of - 1, 0.001)
    assert one_less.outcome is Outcome.UNKNOWN
    assert one_less.more in (1, 2, 3)


@pytest.mark.parametrize(("of", "passes", "fails"), [(1000, None, 4), (3000, 0, 7), (10_000, 4, 16), (50_000, 38, 63)])
def test_counts_that_pass_and_fail(of: int, passes: int | None, fails: int) -> None:
    """99.9 % at 95 %, as tables have it."""
    outcomes = [judged(bad, of, 0.001).outcome for bad in range(fails + 1)]
    expected = -1 if passes is None else passes
    assert outcomes == [RANKED[0 if bad <= expected else 2 if bad >= fails else 1] for bad in range(fails + 1)]


def test_other_limits_and_confidences() -> None:
    """Four nines take ten times as many; p95 takes 59, p99 299; more objectives or clumps take more."""
    for of, limit, sure in [(29_956, 0.0001, 0.95), (4603, 0.001, 0.99), (59, 0.05, 0.95), (299, 0.01, 0.95)]:
        assert judged(0, of, limit, sure=sure).outcome is Outcome.PASS
        assert judged(0, of - 1, limit, sure=sure).outcome is Outcome.UNKNOWN
        assert judged(0, of, limit, sure=sure, objectives=2).outcome is Outcome.UNKNOWN
        assert judged(0, of, limit, sure=sure, clumping=1.1).outcome is Outcome.UNKNOWN
        assert judged(0, 10 * of, limit, sure=sure, clumping=10).outcome is Outcome.PASS


def test_bounds_of_a_hundred_million() -> None:
    """Where the normal approximation is good."""
    it = judged(100_000, 10**8, 0.001)
    half = 1.6448536 * math.sqrt(0.001 * 0.999 / 10**8)
    assert it.high - 0.001 == pytest.approx(half, rel=0.01)
    assert 0.001 - it.low == pytest.approx(half, rel=0.01)
    assert at_most(100_000, 10**8, it.high) == pytest.approx(0.05, rel=1e-6)
    assert it.outcome is Outcome.UNKNOWN


@settings(max_examples=40)
@given(of=st.integers(1, 5000), data=st.data())
def test_bound_at_the_limit_keeps_the_promise(of: int, data: st.DataObject) -> None:
    """No more than the limit: a bound exactly there is PASS, and no FAIL; one number below, it is not PASS."""
    bad = data.draw(st.integers(0, of - 1))
    it = judged(bad, of, 0.5)
    if it.high < 1:
        assert judged(bad, of, it.high).outcome is Outcome.PASS
        assert judged(bad, of, math.nextafter(it.high, 0)).outcome is not Outcome.PASS
    assert judged(bad, of, it.low).outcome is not Outcome.FAIL
    if bad:
        assert judged(bad, of, math.nextafter(it.low, 0)).outcome is Outcome.FAIL


@settings(max_examples=40)
@given(of=st.integers(1, 10**8), limit=limits, clumping=st.floats(1, 50), data=st.data())
def test_one_more_bad_never_helps(of: int, limit: float, clumping: float, data: st.DataObject) -> None:
    """A bad event more raises both bounds, a good one lowers them; the counted share lies between them."""
    bad = data.draw(st.integers(0, of - 1))
    it, worse, better = (
        judged(count, all_, limit, clumping=clumping) for count, all_ in ((bad, of), (bad + 1, of), (bad, of + 1))
    )
    assert it.low <= bad / of <= it.high
    assert (it.low, it.high) <= (worse.low, worse.high)
    assert RANKED.index(it.outcome) <= RANKED.index(worse.outcome)
    assert better.low <= it.low
    assert better.high <= it.high
    assert RANKED.index(better.outcome) <= RANKED.index(it.outcome) or it.outcome is Outcome.UNKNOWN


@settings(max_examples=40)
@given(of=st.integers(1, 10**6), limit=limits, data=st.data())
def test_what_is_missing_decides(of: int, limit: float, data: st.DataObject) -> None:
    """With so many events more, bad in the same share, there is a verdict; a share at its limit never has one."""
    bad = data.draw(st.integers(0, min(of, math.ceil(3 * limit * of))))
    it = judged(bad, of, limit)
    if it.outcome is not Outcome.UNKNOWN:
        assert it.more is None
    elif it.more is not None:
        whole = of + it.more
        share = bad / of
        few, many = at_most(share * whole, whole, limit), at_least(share * whole, whole - share * whole + 1, limit)
        assert (few if share < limit else many) <= 0.05 * (1 + 1e-9)
    if bad == limit * of:
        assert it.more is None


def test_nothing_counted_is_unknown() -> None:
    """And how many would decide is said at once."""
    it = judged(0, 0, 0.001)
    assert (it.outcome, it.low, it.high, it.share, it.more) == (Outcome.UNKNOWN, 0, 1, None, 2995)


def test_a_limit_of_nothing_is_never_proven() -> None:
    """However many were good; and a single bad one breaks it."""
    assert judged(0, 10**8, 0).outcome is Outcome.UNKNOWN
    assert judged(0, 10**8, 0).more is None
    assert judged(1, 10**8, 0).outcome is Outcome.FAIL


def test_two_sided_interval_is_as_tables_have_it() -> None:
    """Clopper and Pearson's own."""
    assert between(45, 450) == pytest.approx((0.0739, 0.1315), abs=1e-4)


@pytest.mark.parametrize(
    ("bad", "of", "limit", "more"),
    [
        (3, 2, 0.1, {}),
        (-1, 2, 0.1, {}),
        (0, 1, 1.0, {}),
        (0, 1, -0.1, {}),
        (0, 1, 0.1, {"sure": 1.0}),
        (0, 1, 0.1, {"sure": 0.05}),
        (0, 1, 0.1, {"clumping": 0.5}),
    ],
)
def test_what_cannot_be_judged(bad: int, of: int, limit: float, more: dict[str, float]) -> None:
    """Says so, and why."""
    with pytest.raises(CannotJudge, match="cannot be judged: "):
        judged(bad, of, limit, **more)  # type: ignore[arg-type]  # only floats are given
