"""Wakes its callers when they asked to be woken: within some 50 us, where timers of gevent's loop round up to 1 ms."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic_ns

import gevent
from gevent.hub import Hub, get_hub

SECOND = 1_000_000_000
READ = 1
CLOCK_MONOTONIC = 1
TFD_TIMER_ABSTIME = 1
TFD_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
EARLIEST = 1
"""Nanoseconds after boot: a moment that has passed, which rings at once (0 would disarm the timer)."""

BATCH = 64
"""Calls in a row; answers that came meanwhile are taken before the next ones."""

Callback = Callable[[], None]


class _Spec(ctypes.Structure):
    """struct itimerspec of timerfd_settime(2)."""

    _fields_ = (("every", ctypes.c_long), ("every_ns", ctypes.c_long), ("at", ctypes.c_long), ("at_ns", ctypes.c_long))


class Alarm:
    """Calls back at moments of time.monotonic_ns: by a timerfd(2) in gevent's loop, else by the loop's own timers."""

    def __init__(self) -> None:
        self._hub: Hub = get_hub()
        self._heap: list[tuple[int, int, Callback]] = []
        self._order = count()
        self._armed = 0
        self._spec = _Spec()
        self._file = -1
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            self._set, self._file = libc.timerfd_settime, libc.timerfd_create(CLOCK_MONOTONIC, TFD_FLAGS)
        except (AttributeError, OSError):  # not Linux
            self._file = -1
        self.precise = self._file >= 0
        if self.precise:
            self._watcher = self._hub.loop.io(self._file, READ)
            self._watcher.start(self._rings)
        else:
            self._watcher = self._hub.loop.timer(0.001)

    def at(self, moment: int, callback: Callback) -> None:
        """The callback is called in the hub at that moment, or soon if it has passed; it must not block."""
        heappush(self._heap, (moment, next(self._order), callback))
        if self._heap[0][0] == moment:
            self._arm(moment)

    def sleep_until(self, moment: int) -> None:
        """The moment has come; other greenlets went on meanwhile."""
        if moment > monotonic_ns():
            waiting = [gevent.getcurrent()]

            def wake() -> None:
                if waiting:
                    waiting.pop().switch()

            self.at(moment, wake)
            try:
                self._hub.switch()
            finally:
                waiting.clear()

    def close(self) -> None:
        """Nobody is called any more."""
        self._heap.clear()
        self._watcher.stop()
        if self.precise:
            os.close(self._file)
            self.precise, self._file = False, -1

    def _arm(self, moment: int) -> None:
        self._armed = moment
        if not self.precise:
            self._watcher.stop()
            self._watcher = self._hub.loop.timer(max(moment - monotonic_ns(), 0) / SECOND)
            self._watcher.start(self._rings)
            return
        self._spec.at, self._spec.at_ns = divmod(max(moment, EARLIEST), SECOND)
        self._set(self._file, TFD_TIMER_ABSTIME, ctypes.byref(self._spec), None)

    def _rings(self) -> None:
        if self.precise:
            try:
                os.read(self._file, 8)
            except BlockingIOError:
                return
        heap, called = self._heap, 0
        while heap and heap[0][0] <= monotonic_ns() and called < BATCH:
            called += 1
            heappop(heap)[2]()
        if heap:
            self._arm(heap[0][0])
