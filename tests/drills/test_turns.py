"""Nobody is passed by whoever comes later."""

from __future__ import annotations

from functools import partial
from operator import eq
from threading import Thread

from plimsoll.drills.stage.turns import Turns
from plimsoll.wait import wait_until

SECONDS = 10.0


def test_whoever_waits_comes_before_whoever_leaves_and_comes_again() -> None:
    """The place of one that leaves is not free: it is that of the first who waits."""
    turns, came = Turns(1), list[str]()

    def takes_one(name: str) -> None:
        with turns:
            came.append(name)

    threads = [Thread(target=takes_one, args=(name,), daemon=True) for name in ("first", "second")]
    with turns:
        for number, thread in enumerate(threads, start=1):
            thread.start()
            wait_until(lambda: turns.waiting, partial(eq, number), timeout=SECONDS)
        came.append("one that was here")
    takes_one("one that was here")
    for thread in threads:
        thread.join(SECONDS)
    assert came == ["one that was here", "first", "second", "one that was here"]


def test_as_many_as_there_are_places_come_at_once() -> None:
    """Two enter without anybody leaving, and a third waits."""
    turns = Turns(2)
    third = Thread(target=turns.__enter__, daemon=True)
    with turns:
        with turns:
            third.start()
            assert wait_until(lambda: turns.waiting, timeout=SECONDS) == 1
        third.join(SECONDS)
        assert turns.waiting == 0
        assert not third.is_alive()
