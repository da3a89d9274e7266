"""A run of load as a level: what it shows of the service, of whoever asked, and of the time it had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.model import Outcome
from plimsoll.observations.load import Capacity, Level, Reading, Used
from plimsoll.rules.capacity.answers import answer, fit, law, little
from plimsoll.rules.capacity.levels import level_of
from plimsoll.rules.capacity.saturation import first_full
from plimsoll.statistics.extrapolation import CannotExtrapolate
from plimsoll.statistics.scaling import law as scalability
from tests.capacity.waiting_line import LIMIT, PROMISE, SEEN_AT, findings, level, run_of


def test_a_quiet_level_is_what_it_is() -> None:
    """Below its capacity a service answers all, and Little's law counts who is under way."""
    seen = level(run_of(50.0, servers=4, service=0.05), 50.0)

    assert seen.outcome is Outcome.PASS
    assert seen.sound
    assert seen.settled
    assert seen.asked == pytest.approx(50, rel=0.05)
    assert seen.served == pytest.approx(seen.asked, rel=0.01)
    assert seen.p50 == pytest.approx(0.05, rel=0.01)
    assert seen.flying == pytest.approx(50 * seen.response, rel=0.05)
    assert seen.good == 1.0
    assert 0.99 < seen.low < 1.0 == seen.high
    assert seen.of("cpu")["app"].value == pytest.approx(2.5)


def test_a_level_beyond_capacity_has_no_steady_state() -> None:
    """Ten a second more than it answers are ten more under way each second."""
    seen = level(run_of(110.0, servers=2, service=0.02), 110.0)

    assert seen.outcome is Outcome.FAIL
    assert not seen.settled
    assert seen.backlog == pytest.approx(10, rel=0.35)
    assert seen.served == pytest.approx(100, rel=0.05)


def test_a_level_that_keeps_its_promises_for_a_while_is_not_decided() -> None:
    """Four a second more than it answers: in forty seconds none of them waits for two, and later all do."""
    run = run_of(104.0, servers=2, service=0.02, seconds=40, limit=10 * LIMIT)
    seen = level_of(run, [PROMISE.kept(expected="", actual="so far")], rate=104.0)

    assert seen.good == 1.0
    assert not seen.settled
    assert seen.outcome is Outcome.UNKNOWN
    told = answer(Capacity(deployment="queue", target="http://queue", stated=100.0, levels=(seen,), seen_at=SEEN_AT))
    assert told.endswith("at no rate that was asked: at 104 journeys a second more was asked than answered")


def test_a_busy_generator_makes_a_level_void() -> None:
    """Whatever its requests came to."""
    seen = level(run_of(50.0, servers=4, service=0.05, busy=0.95), 50.0)

    assert not seen.sound
    assert "the generator was the bottleneck" in seen.unsound


def test_what_was_read_before_the_load_does_not_count() -> None:
    """The generator takes seconds to start, in which the service does nothing."""
    run = run_of(50.0, servers=4, service=0.05)
    before = tuple(replace(each, at=each.at - 90, value=0.0) for each in run.readings)
    most = Reading(at=1.0, role="postgres", what="connections", value=9.0, limit=100.0)
    seen = level_of(replace(run, readings=(*before, *run.readings, most)), findings(run), rate=50.0)

    assert seen.of("cpu")["app"].value == pytest.approx(2.5, rel=0.02)
    assert seen.of("connections")["postgres"].share == 0.09


def scaled(loads: list[float], *, contention: float, coherency: float, noise: float = 0.0) -> Capacity:
    """Levels of a service whose throughput obeys the law with these parameters."""
    levels = []
    for number, load in enumerate(loads):
        rate = scalability(load, 100.0, contention, coherency) * (1 + noise * (-1) ** number)
        levels.append(
            Level(
                rate=rate,
                asked=rate,
                served=rate,
                seconds=60,
                outcome=Outcome.PASS,
                response=load / rate,
                flying=load,
                counted=load,
            )
        )
    return Capacity(deployment="law", target="", stated=50.0, levels=tuple(levels), seen_at=SEEN_AT)


def test_the_law_comes_back_from_its_own_levels() -> None:
    """With a little noise too; and the peak lies where it has to."""
    loads = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0]
    exact, noisy = (fit(scaled(loads, contention=0.05, coherency=0.002, noise=noise)) for noise in (0.0, 0.005))

    assert exact.contention == pytest.approx(0.05, rel=1e-3)
    assert exact.coherency == pytest.approx(0.002, rel=1e-3)
    assert exact.peak == pytest.approx(21.8, rel=0.01)
    assert noisy.low <= 21.8 <= noisy.high
    with pytest.raises(CannotExtrapolate, match="beyond 2 times the largest level"):
        exact.throughput(65.0)


def test_few_levels_say_nothing_of_scaling() -> None:
    """Nor do levels of which the generator counted another number under way than there can have been."""
    few = scaled([1.0, 2.0, 4.0], contention=0.05, coherency=0.002)
    astray = scaled([20.0], contention=0.05, coherency=0.002).levels[0]
    astray = replace(astray, counted=40.0)

    assert "it takes 6 different steady levels, and there are 3" in next(iter(law(few)))
    assert "Little's law: 20 should be under way, the generator counted 40" in little(astray)
    assert not little(replace(astray, counted=21.0))


def test_what_is_full_is_told_from_what_waits() -> None:
    """A full processor, a pool whose connections grow no more, a whole machine."""
    base = Level(rate=30.0, asked=45.0, served=45.0, seconds=60, outcome=Outcome.PASS, flying=4.0)
    pool = Used(role="postgres", what="connections", value=10.0, limit=100.0)
    idle = Used(role="app", what="cpu", value=0.4, limit=2.0)
    low = replace(base, used=(idle, pool))
    waits = replace(base, rate=60.0, outcome=Outcome.FAIL, flying=90.0, used=(idle, pool))
    full = replace(waits, used=(replace(idle, value=1.9), pool))
    shared = replace(waits, used=(replace(idle, value=1.5), replace(pool, value=30.0)), generator=0.4)
    seen = Capacity(deployment="site", target="", stated=30.0, levels=(low, waits), cores=2, seen_at=SEEN_AT)

    assert [each.part for each in first_full(seen)] == ["the pool of connections"]
    assert [each.part for each in first_full(replace(seen, levels=(low, full)))] == ["app", "this machine"]
    assert [each.part for each in first_full(replace(seen, levels=(low, shared)))] == ["this machine"]
    assert first_full(replace(seen, levels=(low,))) == ()
