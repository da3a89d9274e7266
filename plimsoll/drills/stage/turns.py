"""So many at once and no more, in the order in which they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock

from plimsoll.errors import CouldNotLook


class Turns:
    """So many places; whoever finds too few waits, and is let in before all who come later, also those who need fewer.

    threading's semaphores let a newcomer pass those who wait, so that what takes longest would begin at any time.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = deque[tuple[int, SimpleQueue[bool]]]()
        self._closed = False
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many have come and are not let in yet."""
        return len(self._waiting)

    @contextmanager
    def taken(self, places: int = 1) -> Iterator[None]:
        """While inside, so many places are somebody's. Raises CouldNotLook where nobody is let in any more."""
        turn = SimpleQueue[bool]()
        with self._lock:
            self._waiting.append((places, turn))
            self._let_in()
        if not turn.get():
            raise CouldNotLook("the run ended before its turn came")
        try:
            yield
        finally:
            with self._lock:
                self._free += places
                self._let_in()

    def close(self) -> None:
        """Nobody is let in any more, also of those who wait; whoever is inside stays as long as it likes."""
        with self._lock:
            self._closed = True
            self._let_in()

    def _let_in(self) -> None:
        while self._closed and self._waiting:
            self._waiting.popleft()[1].put(False)
        while self._waiting and self._waiting[0][0] <= self._free:
            places, turn = self._waiting.popleft()
            self._free -= places
            turn.put(True)
