"""Nobody is passed by whoever comes later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import eq
from threading import Event, Thread

import pytest

from plimsoll.drills.stage.turns import Turns
from plimsoll.errors import CouldNotLook
from plimsoll.wait import wait_until

SECONDS = 10.0


def begun(turns: Turns, places: int, inside: Callable[[], object]) -> Thread:
    """Somebody who does that with so many places, and has come by now."""
    waiting = turns.waiting

    def takes() -> None:
        with turns.taken(places):
            came.set()
            inside()

    came = Event()
    thread = Thread(target=takes, daemon=True)
    thread.start()
    wait_until(lambda: came.is_set() or turns.waiting > waiting, timeout=SECONDS)
    return thread


def test_whoever_waits_comes_before_whoever_leaves_and_comes_again() -> None:
    """The place of one that leaves is not free: it is that of the first who waits."""
    turns, came = Turns(1), list[str]()

    with turns.taken():
        threads = [begun(turns, 1, partial(came.append, name)) for name in ("first", "second")]
        came.append("one that was here")
    with turns.taken():
        came.append("one that was here")
    for thread in threads:
        thread.join(SECONDS)

    assert came == ["one that was here", "first", "second", "one that was here"]


def test_as_many_as_there_are_places_come_at_once() -> None:
    """Two enter without anybody leaving, and a third waits."""
    turns, done = Turns(2), Event()

    with turns.taken():
        with turns.taken():
            third = begun(turns, 1, done.set)
            assert turns.waiting == 1
            assert not done.is_set()
        third.join(SECONDS)

    assert turns.waiting == 0
    assert done.is_set()


def test_one_that_needs_much_is_not_passed_by_those_that_need_little() -> None:
    """Of six places two are taken: whoever wants five waits, and so does whoever comes then and wants one."""
    turns, came = Turns(6), list[str]()

    with turns.taken(2):
        threads = [begun(turns, 5, partial(came.append, "five")), begun(turns, 1, partial(came.append, "one"))]
        wait_until(lambda: turns.waiting, partial(eq, 2), timeout=SECONDS)
        assert came == []
    for thread in threads:
        thread.join(SECONDS)

    assert sorted(came) == ["five", "one"]
    with turns.taken(6):
        assert turns.waiting == 0


def test_nobody_is_let_in_any_more() -> None:
    """Whoever waits is told so at once, and so is whoever comes later; who is inside may stay."""
    turns, told = Turns(1), list[str]()

    def is_told() -> None:
        with pytest.raises(CouldNotLook, match="before its turn"), turns.taken():
            told.append("let in")
        told.append("sent away")

    with turns.taken():
        waiting = Thread(target=is_told, daemon=True)
        waiting.start()
        wait_until(lambda: turns.waiting == 1, timeout=SECONDS)
        turns.close()
        waiting.join(SECONDS)
        assert told == ["sent away"]

    is_told()
    assert told == ["sent away", "sent away"]
