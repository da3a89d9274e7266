"""The search finds the largest rate that keeps the promises, and says what it did not find."""

from __future__ import annotations

import pytest

from plimsoll.model import Outcome
from plimsoll.observations.load import Capacity, Level
from plimsoll.observations.load.capacity import FOUND, GENERATOR, OUT_OF_LEVELS
from plimsoll.rules.capacity.answers import answer, table
from plimsoll.rules.capacity.saturation import first_full
from plimsoll.rules.capacity.search import CLOSE, MOST_LEVELS, next_rate
from tests.capacity.waiting_line import SEEN_AT, level, run_of


def a_level(rate: float, outcome: Outcome = Outcome.PASS, unsound: str = "") -> Level:
    """A level of which only the outcome matters."""
    return Level(rate=rate, asked=rate, served=rate, seconds=60, outcome=outcome, unsound=unsound)


def searched(
    knee: float, start: float = 30.0, *, generator: float = 1e9, doubt: float = 0.0
) -> tuple[list[Level], str]:
    """The levels of a service that keeps its promises up to the knee, and a generator that can ask so much."""
    levels: list[Level] = []
    while True:
        rate, end = next_rate(levels, start)
        if end:
            return levels, end
        outcome = Outcome.PASS if rate <= knee else Outcome.FAIL
        if abs(rate - knee) < doubt:
            outcome = Outcome.UNKNOWN
        levels.append(a_level(rate, outcome, "it was late" if rate > generator else ""))


def capacity(levels: list[Level], end: str = FOUND, stated: float = 30.0) -> Capacity:
    return Capacity(
        deployment="queue",
        target="",
        stated=stated,
        levels=tuple(levels),
        ended=end,
        application="app",
        seen_at=SEEN_AT,
    )


@pytest.mark.parametrize("knee", [2.0, 17.0, 30.0, 31.0, 59.9, 60.0, 100.0, 777.0, 5000.0])
def test_the_cliff_is_enclosed_within_a_tenth(knee: float) -> None:
    """From below and from above, whether it lies below the stated rate or a hundred times beyond."""
    levels, end = searched(knee)
    found = capacity(levels, end)

    assert end == FOUND
    assert found.best is not None
    assert found.broken is not None
    assert found.best.rate <= knee < found.broken.rate
    assert found.broken.rate / found.best.rate <= CLOSE
    assert len(levels) < MOST_LEVELS


def test_a_service_that_bears_nothing_ends_the_search() -> None:
    """A sixteenth of what is stated is not asked again and again."""
    levels, end = searched(0.1)

    assert end == FOUND
    assert [level.rate for level in levels] == [30.0, 15.0, 7.5, 3.75, 1.875]
    assert capacity(levels).best is None


def test_a_generator_at_its_end_ends_the_search() -> None:
    """Beyond it nobody knows; what it could ask is known."""
    levels, end = searched(1000.0, generator=130.0)
    found = capacity(levels, end)

    assert end == GENERATOR
    assert found.best is not None
    assert (found.best.rate, found.broken) == (120.0, None)
    assert "at 240 the generator was the bottleneck, and what lies beyond is unknown" in answer(found)
    assert str(first_full(found)[0]) == "the generator: it was late"


def test_what_cannot_be_decided_is_not_passed() -> None:
    """Levels around the knee that nobody can decide lie beyond the answer."""
    levels, _ = searched(100.0, doubt=9.0)
    found = capacity(levels)

    assert found.best is not None
    assert 80 < found.best.rate <= 91
    assert "is not sure to keep them" in answer(found)


def test_no_search_goes_on_for_ever() -> None:
    """A service without a limit ends it as well."""
    levels, end = searched(1e12)

    assert (end, len(levels)) == (OUT_OF_LEVELS, MOST_LEVELS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_queue_of_known_capacity_is_found(seed: int) -> None:
    """Two servers of 20 ms each answer 100 a second, and 95 % within 200 ms up to little less."""
    levels: list[Level] = []
    while True:
        rate, end = next_rate(levels, 30.0)
        if end:
            break
        levels.append(level(run_of(rate, servers=2, service=0.02, seed=seed), rate))
    found = capacity(levels, end)

    assert found.best is not None
    assert found.beyond is not None
    assert 80 <= found.best.rate < 100
    assert found.beyond.rate <= 108
    assert first_full(found)[0].part == "app"
    assert "times the 30 that are stated" in answer(found)
    assert any("fail, not steady" in line for line in table(found))
