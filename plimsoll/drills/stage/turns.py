"""So many at once and no more, in the order in which they came."""

from __future__ import annotations

from collections import deque
from queue import SimpleQueue
from threading import Lock
from typing import Self


class Turns:
    """While entered, a place is taken; whoever finds none waits, and is let in before all who come later.

    threading's semaphores let a newcomer pass those who wait, so that what takes longest would begin at any time.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = deque[SimpleQueue[None]]()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many have come and are not let in yet."""
        return len(self._waiting)

    def __enter__(self) -> Self:
        with self._lock:
            if self._free:
                self._free -= 1
                return self
            turn = SimpleQueue[None]()
            self._waiting.append(turn)
        turn.get()
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(None)
            else:
                self._free += 1
