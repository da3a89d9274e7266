"""Waiting ends when it should, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.wait import FIRST_INTERVAL, LONGEST_INTERVAL, SYSTEM_CLOCK, Deadline, NotReady, pause, wait_until


class Clock:
    """A clock on which time passes only in sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """The moment."""
        return self.now

    def sleep(self, seconds: float, /) -> None:
        """The moment moved on."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


def test_what_is_ready_is_returned_at_once(clock: Clock) -> None:
    """No time passes before the first look, or after the last."""
    assert wait_until(lambda: "up", timeout=0, clock=clock) == "up"
    assert clock.slept == []


def test_looks_are_repeated_until_one_is_ready(clock: Clock) -> None:
    """The last thing seen is returned."""
    numbers = count()

    assert wait_until(lambda: next(numbers), lambda seen: seen == 3, timeout=10, clock=clock) == 3
    assert len(clock.slept) == 3


def test_intervals_grow_to_a_limit(clock: Clock) -> None:
    """The first look is repeated soon, later ones less and less often."""
    numbers = count()

    wait_until(lambda: next(numbers), lambda seen: seen == 20, timeout=60, clock=clock)

    assert clock.slept[0] == FIRST_INTERVAL
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[-1] == LONGEST_INTERVAL


def test_the_time_is_up(clock: Clock) -> None:
    """The error says what was awaited, for how long, and what was seen last."""
    numbers = count()

    with pytest.raises(NotReady) as caught:
        wait_until(lambda: next(numbers), lambda _: False, timeout=2.5, what="the database", clock=clock)

    assert str(caught.value) == f"the database was not there after 2.5 s; last seen: {caught.value.last}"
    assert caught.value.last == len(clock.slept)
    assert clock.now == pytest.approx(1002.5)


def test_one_more_look_is_taken_when_the_time_is_up(clock: Clock) -> None:
    """What became ready during the last sleep counts."""
    assert wait_until(lambda: clock.now >= 1001.0 - 1e-9, timeout=1, clock=clock) is True


def test_an_error_ends_the_wait(clock: Clock) -> None:
    """What will never be ready is not waited for, even if it looks ready."""
    with pytest.raises(NotReady) as caught:
        wait_until(lambda: "crashed", timeout=60, error=lambda seen: seen == "crashed", what="nginx", clock=clock)

    assert str(caught.value) == "nginx failed; last seen: 'crashed'"
    assert (caught.value.last, clock.slept) == ("crashed", [])


def test_successes_count_in_a_row(clock: Clock) -> None:
    """A server that flickers is not ready."""
    looks: Iterator[bool] = chain([True, True, False, True, True, True], repeat(False))

    assert wait_until(lambda: next(looks), timeout=60, successes=3, clock=clock) is True
    assert len(clock.slept) == 5


def test_too_few_successes_are_none(clock: Clock) -> None:
    """Ready now and then is not ready."""
    looks = chain.from_iterable(repeat((True, False)))

    with pytest.raises(NotReady):
        wait_until(lambda: next(looks), timeout=5, successes=2, clock=clock)


def test_what_a_look_raises_is_raised(clock: Clock) -> None:
    """Only the caller knows which errors mean "not yet"."""
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 // 0, timeout=60, clock=clock)


@given(timeout=st.floats(min_value=0, max_value=1000), step=st.floats(min_value=0, max_value=10))
def test_no_wait_outlasts_its_time(timeout: float, step: float) -> None:
    """Looks may take their time; the wait ends with the first look after the deadline."""
    clock = Clock()

    def look() -> bool:
        clock.now += step
        return False

    with pytest.raises(NotReady):
        wait_until(look, timeout=timeout, clock=clock)

    assert clock.now - 1000 <= timeout + step + 1e-6


def test_a_pause_is_as_long_as_it_says(clock: Clock) -> None:
    """A pause of nothing, or less, is none."""
    pause(2, clock=clock)
    pause(0, clock=clock)
    pause(-1, clock=clock)

    assert clock.slept == [2]


def test_a_deadline_passes(clock: Clock) -> None:
    """It counts down, and below nothing once it passed."""
    deadline = Deadline.after(2, clock=clock)
    clock.sleep(1.5)
    assert (deadline.left, deadline.passed) == (0.5, False)
    clock.sleep(0.5)
    assert (deadline.left, deadline.passed) == (0.0, True)
    clock.sleep(1)
    assert (deadline.left, deadline.passed) == (-1.0, True)


def test_the_real_clock_moves() -> None:
    """The clock of the system is used where no other is given."""
    before = SYSTEM_CLOCK.monotonic()

    with pytest.raises(NotReady):
        wait_until(lambda: False, timeout=0.02)

    assert 0.02 <= SYSTEM_CLOCK.monotonic() - before < 2
