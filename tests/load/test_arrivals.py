"""The schedule of the open model: exact, the same for however many workers share it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from statistics import fmean, pvariance

import pytest

from loadtests._arrivals import SECOND, arrivals, due, phase_of, shared
from loadtests._phases import phases
from plimsoll.errors import BadInput
from plimsoll.model.load import Plan, spike, steady, steps


def test_constant_arrivals_are_evenly_spaced() -> None:
    moments = [moment for moment, _ in arrivals(Plan(phases=steady(10, 2), arrivals="constant"))]

    assert len(moments) == 20
    assert {second - first for first, second in pairwise(moments)} <= {SECOND // 10 - 1, SECOND // 10, SECOND // 10 + 1}


def test_poisson_arrivals_are_as_many_and_as_scattered_as_they_should_be() -> None:
    """Counts of a second have the mean and the variance of the rate: 50 of each, within five standard errors."""
    counts = due(Plan(phases=steady(50, 400), seed=7))
    found = [counts.get(second, 0) for second in range(400)]

    assert fmean(found) == pytest.approx(50, abs=5 * math.sqrt(50 / 400))
    assert pvariance(found) == pytest.approx(50, abs=5 * 50 * math.sqrt(2 / 400))


def test_the_same_seed_gives_the_same_schedule() -> None:
    plan, other = Plan(phases=steady(100, 3), seed=1), Plan(phases=steady(100, 3), seed=2)

    assert [*arrivals(plan)] == [*arrivals(plan)]
    assert [*arrivals(plan)] != [*arrivals(other)]


@pytest.mark.parametrize("kind", ["poisson", "constant"])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers_share_one_schedule(kind: str, workers: int) -> None:
    """Nothing is asked twice, and nothing left out, whoever asks."""
    plan = Plan(phases=steps((20, 80), 3, settle=1), arrivals=kind)
    whole = [(number, moment, chance) for number, (moment, chance) in enumerate(arrivals(plan))]

    parts = [each for index in range(workers) for each in shared(plan, index, workers)]

    assert sorted(parts) == whole


def test_ramps_and_spikes_ask_what_their_area_says() -> None:
    plan = Plan(phases=phases("0-100x10s,100x2s"), arrivals="constant")
    moments = [moment for moment, _ in arrivals(plan)]
    by_second = Counter(moment // SECOND for moment in moments)

    assert len(moments) == 700
    assert [by_second[second] for second in (0, 4, 9, 10, 11)] == [5, 45, 95, 100, 100]
    assert moments == sorted(moments)
    high = due(Plan(phases=spike(10, 200, before=2, high=1, after=2), arrivals="constant"))
    assert [high[second] for second in range(5)] == [10, 10, 200, 10, 10]


def test_a_second_is_judged_if_all_of_it_is() -> None:
    plan = Plan(phases=steady(10, 3, warm_up=1.5))

    found = [phase_of(plan, second) for second in range(6)]

    assert [phase and phase.judged for phase in found] == [False, False, True, True, True, None]


@pytest.mark.parametrize("text", ["", "20", "x20", "20x0s", "0x5", "5x5d", "20x5s,,"])
def test_phases_that_ask_nothing_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--phases"):
        phases(text)
