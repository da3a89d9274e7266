"""Parameters of the law are found again, and nothing is said of loads that nobody measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import pytest

from plimsoll.statistics.extrapolation import CannotExtrapolate
from plimsoll.statistics.nonnegative import Row, solved
from plimsoll.statistics.scaling import Level, fitted, law

LOADS = (1, 2, 4, 8, 16, 24, 32, 48)


def measured(
    alone: float,
    contention: float,
    coherency: float,
    *,
    noise: float = 0.0,
    loads: Sequence[float] = LOADS,
    seed: int = 1,
) -> list[Level]:
    """Levels of such a service; the noise is a share of the throughput."""
    chance, levels = Random(seed), []  # noqa: S311 - no secret
    for load in loads:
        rate = law(load, alone, contention, coherency) * (1 + chance.gauss(0, noise))
        levels.append(Level(load=load, throughput=rate, response=load / rate))
    return levels


@pytest.mark.parametrize(
    ("alone", "contention", "coherency"),
    [(100, 0.03, 0.0005), (1000, 0.1, 0.01), (50, 0, 0.002), (100, 0.05, 0), (100, 0, 0)],
    ids=["both", "steep", "coherency", "amdahl", "linear"],
)
def test_parameters_are_found_again(alone: float, contention: float, coherency: float) -> None:
    """Without noise nearly exactly; with two per cent of it, the law itself within a few."""
    it = fitted(measured(alone, contention, coherency))
    assert (it.alone, it.contention, it.coherency) == pytest.approx((alone, contention, coherency), rel=1e-6, abs=1e-9)
    assert it.fit == pytest.approx(1)
    noisy = fitted(measured(alone, contention, coherency, noise=0.02))
    assert min(noisy.contention, noisy.coherency) >= 0
    for load in LOADS:
        assert noisy.throughput(load) == pytest.approx(law(load, alone, contention, coherency), rel=0.04)


def test_peak_lies_in_its_interval() -> None:
    """At sqrt((1 - a) / b), here 44; and the same data have the same interval."""
    levels = measured(100, 0.03, 0.0005, noise=0.02)
    it = fitted(levels)
    true = math.sqrt(0.97 / 0.0005)
    assert it.peak == pytest.approx(true, rel=0.1)
    assert it.low < true < it.high
    assert it.low > 30
    assert it.missing == ()
    assert fitted(levels) == it == fitted(levels[::-1])


def test_interval_holds_the_peak_mostly() -> None:
    """Of few levels too: 95 % is what it says, and 93 to 95 % are what longer simulations count."""
    true = math.sqrt(0.97 / 0.0005)
    fits = [fitted(measured(100, 0.03, 0.0005, noise=0.02, loads=(1, 4, 12, 24, 40, 60), seed=n)) for n in range(5)]
    assert sum(it.low <= true <= it.high for it in fits) >= 4


@pytest.mark.parametrize(("contention", "coherency"), [(0.05, 0), (0, 0)])
def test_no_peak_is_made_up(contention: float, coherency: float) -> None:
    """Amdahl's law and a straight line have none, and the interval is open; what is missing is said."""
    it = fitted(measured(100, contention, coherency))
    assert it.peak is None
    assert it.high == math.inf
    assert it.missing == ("no level lies past the peak: measure more than 48 until throughput falls",)


def test_peak_out_of_sight_is_not_named() -> None:
    """It lies at 44: levels up to 20 do not reach it by half, those up to 24 do."""
    near = fitted(measured(100, 0.03, 0.0005, loads=(1, 2, 4, 8, 12, 24)))
    far = fitted(measured(100, 0.03, 0.0005, loads=(1, 2, 4, 8, 12, 20)))
    assert near.peak == pytest.approx(44, abs=0.1)
    assert far.peak is None


def test_beyond_twice_what_was_measured_nothing_is_said() -> None:
    """And what to measure instead."""
    it = fitted(measured(100, 0.03, 0.0005))
    assert it.throughput(96) == pytest.approx(law(96, 100, 0.03, 0.0005))
    with pytest.raises(CannotExtrapolate, match=r"97 in flight is beyond 2 times .* 48; measure 49 or more"):
        it.throughput(97)


def test_six_levels_are_needed() -> None:
    """Different ones."""
    levels = measured(100, 0.03, 0.0005)
    with pytest.raises(CannotExtrapolate, match="it takes 6 different steady levels, and there are 5"):
        fitted(levels[:5] + levels[:5])


def test_level_that_breaks_littles_law_is_left_out() -> None:
    """Its requests were somewhere else than the generator says; with five others it is too few."""
    levels = measured(100, 0.03, 0.0005)
    wrong = Level(load=64, throughput=900, response=0.05, think=0.01)
    it = fitted([*levels, wrong])
    assert it.measured == 48
    assert it.missing[0] == "the level of 64 was left out: 900/s for 0.06 s each are 54 in flight (Little's law)"
    assert it.coherency == pytest.approx(0.0005)
    with pytest.raises(CannotExtrapolate, match="there are 5; the level of 64 was left out"):
        fitted([*levels[:5], wrong])


def test_think_time_counts_as_in_flight() -> None:
    """Users that wait between two requests are still users."""
    levels = [
        Level(load=level.load, throughput=level.throughput, response=0.4 * level.response, think=0.6 * level.response)
        for level in measured(100, 0.03, 0.0005)
    ]
    assert fitted(levels).coherency == pytest.approx(0.0005)


def test_sure_levels_weigh_more() -> None:
    """One that is known badly hardly moves the line."""
    levels = measured(100, 0.03, 0.0005)
    off = levels[4].throughput * 0.8
    bad = Level(load=16, throughput=off, response=16 / off, error=off)
    sure = [
        Level(load=level.load, throughput=level.throughput, response=level.response, error=0.01 * level.throughput)
        for level in levels
        if level.load != 16
    ]
    assert fitted([*sure, bad]).throughput(16) == pytest.approx(law(16, 100, 0.03, 0.0005), rel=0.001)


def test_level_of_nothing() -> None:
    """Is none."""
    with pytest.raises(CannotExtrapolate, match="no load, throughput and time"):
        fitted([*measured(100, 0.03, 0.0005), Level(load=0, throughput=1, response=1)])


def test_unknowns_do_not_fall_below_zero() -> None:
    """The best line through falling points, with a slope of zero or more, is flat; through rising ones it is theirs."""
    falling = [Row(values=(1.0, float(x)), target=10.0 - x, weight=1.0) for x in range(5)]
    rising = [Row(values=(1.0, float(x)), target=10.0 + x, weight=1.0) for x in range(5)]
    assert solved(falling) == pytest.approx((8.0, 0.0))
    assert solved(rising) == pytest.approx((10.0, 1.0))
