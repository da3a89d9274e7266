"""What a few measurements say of a size that nobody measured: never more than they can."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plimsoll.statistics.extrapolation import CannotExtrapolate, extrapolated, share_between

MEGABYTE, GIGABYTE = 10**6, 10**9

sizes = st.integers(min_value=1, max_value=10**12)
times = st.floats(min_value=0.001, max_value=1e5)
measured = st.lists(st.tuples(sizes, times), min_size=1, max_size=8)


def test_line_is_found_again() -> None:
    """Two seconds for any size, and fifty megabytes a second: that is what is said, with what it rests on."""
    points = [(n * MEGABYTE, 2 + n / 50) for n in (10, 50, 100, 200)]
    it = extrapolated(points, 20 * GIGABYTE)
    assert it.start == pytest.approx(2)
    assert it.rate == pytest.approx(50 * MEGABYTE)
    assert it.seconds == pytest.approx(402)
    assert (it.points, it.beyond) == (4, 100)
    assert it.low < 402 / 1.1
    assert it.high > 402 * 1.1


@given(points=measured, size=sizes)
def test_band_holds_the_figure(points: list[tuple[int, float]], size: int) -> None:
    """Low, figure, high, in that order and finite; or no figure at all."""
    try:
        it = extrapolated(points, size)
    except CannotExtrapolate as error:
        assert str(error).startswith("cannot be extrapolated: ")  # noqa: PT017 - both ways out are right
        return
    assert 0 <= it.low <= it.seconds <= it.high
    assert math.isfinite(it.high)


@given(size=sizes, seconds=st.lists(times, min_size=1, max_size=5), to=sizes)
def test_one_size_says_nothing_of_another(size: int, seconds: list[float], to: int) -> None:
    """However often it was measured."""
    with pytest.raises(CannotExtrapolate, match="two different sizes"):
        extrapolated([(size, each) for each in seconds], to)


def test_size_that_does_not_show_is_no_rate() -> None:
    """Where twice as much took no longer, the time is the start's alone."""
    with pytest.raises(CannotExtrapolate, match="too small"):
        extrapolated([(MEGABYTE, 2.0), (2 * MEGABYTE, 1.9)], GIGABYTE)


@given(
    start=st.floats(min_value=0, max_value=100),
    rate=st.integers(min_value=1, max_value=1000),
    noise=st.lists(st.floats(min_value=-0.05, max_value=0.05), min_size=2, max_size=6),
)
def test_band_widens_with_distance(start: float, rate: int, noise: list[float]) -> None:
    """The further away, the wider, also beside the figure itself."""
    points = [((n + 1) * 10 * MEGABYTE, start + (n + 1) * 10 / rate * (1 + each)) for n, each in enumerate(noise)]
    try:
        bands = [extrapolated(points, n * 100 * MEGABYTE) for n in (1, 10, 100, 1000)]
    except CannotExtrapolate:
        assume(False)
    widths = [it.high - it.low for it in bands]
    assert widths == sorted(widths)
    ratios = [it.high / it.seconds for it in bands[1:]]
    assert all(ratio > 1 for ratio in ratios)


@given(points=measured, size=sizes, seed=st.integers())
def test_order_of_measurements_is_nothing(points: list[tuple[int, float]], size: int, seed: int) -> None:
    """All points count, none more than another."""
    mixed = points.copy()
    Random(seed).shuffle(mixed)  # noqa: S311 - no secret
    try:
        one, other = extrapolated(points, size), extrapolated(mixed, size)
    except CannotExtrapolate:
        return
    assert one.seconds == pytest.approx(other.seconds, rel=1e-6, abs=1e-6)
    assert one.high == pytest.approx(other.high, rel=1e-6, abs=1e-6)


def test_scattered_measurements_are_trusted_less() -> None:
    """The same line through points that lie further off it has a wider band."""
    steady = [(n * MEGABYTE, n / 10) for n in (10, 20, 30, 40)]
    scattered = [(x, y + d) for (x, y), d in zip(steady, (0.5, -0.5, -0.5, 0.5), strict=True)]
    one, other = extrapolated(steady, GIGABYTE), extrapolated(scattered, GIGABYTE)
    assert one.seconds == pytest.approx(other.seconds)
    assert other.high - other.low > 2 * (one.high - one.low)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (1, 2, 0.0126, 0.9874), (45, 450, 0.0739, 0.1315)],
)
def test_shares_are_known_as_tables_have_them(count: int, of: int, low: float, high: float) -> None:
    """Exact binomial intervals; those of nothing and of all have a closed form."""
    assert share_between(count, of) == pytest.approx((low, high), abs=0.0001)


@given(of=st.integers(min_value=1, max_value=600), data=st.data())
def test_a_share_lies_in_its_interval(of: int, data: st.DataObject) -> None:
    """What was counted is possible, and the other way round the interval is mirrored."""
    count = data.draw(st.integers(min_value=0, max_value=of))
    low, high = share_between(count, of)
    assert 0 <= low <= count / of <= high <= 1
    assert share_between(of - count, of) == pytest.approx((1 - high, 1 - low), abs=1e-6)


@pytest.mark.parametrize(("count", "of"), [(0, 0), (3, 2), (-1, 2)])
def test_no_share(count: int, of: int) -> None:
    """More than all, and anything of nothing, is no share."""
    with pytest.raises(CannotExtrapolate, match="is no share"):
        share_between(count, of)
