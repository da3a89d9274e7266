"""Begins the journeys of the open model when they are due, whatever became of earlier ones."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from time import monotonic_ns

import greenlet
from gevent.hub import get_hub

from loadtests._alarm import BATCH, Alarm
from loadtests._journeys import Walker

SECOND = 1_000_000_000
GRACE = SECOND
"""Nanoseconds after the plan's end in which journeys that are late may still begin."""

Arrival = tuple[int, int, float]


class Pacer:
    """Walks one worker's share of the arrivals. Each journey has a greenlet, and is begun in the hub, without delay."""

    def __init__(self, walker: Walker, alarm: Alarm, arrivals: Iterator[Arrival], *, most: int) -> None:
        self._walker, self._alarm, self._arrivals, self._most = walker, alarm, arrivals, most
        self._hub = get_hub()
        self._idle: list[greenlet.greenlet] = []
        self._next: Arrival | None = None
        self._start = self._end = self._first = 0
        self.over = False

    def begin(self, start: int, end: int, first: int) -> None:
        """The schedule's first nanosecond is that moment, its last the other; `first` is the number of journey 0."""
        self._start, self._end, self._first = start, end, first
        self._await_next()

    def stop(self) -> None:
        """Nobody begins any more."""
        self.over, self._next = True, None

    def behind(self, now: int) -> int:
        """The moment of the next arrival, if it has passed; else now."""
        return min(self._start + self._next[1], now) if self._next else now

    def _await_next(self) -> None:
        self._next = next(self._arrivals, None)
        if self._next is None:
            self.over = True
        else:
            self._alarm.at(self._start + self._next[1], self._ring)

    def _ring(self) -> None:
        for _ in range(BATCH):
            if self._next is None:
                self.over = True
                return
            number, moment, chance = self._next
            due, now = self._start + moment, monotonic_ns()
            if due > now:
                self._alarm.at(due, self._ring)
                return
            if now > self._end + GRACE:
                self.stop()
                return
            self._arrive(number, due, now, chance)
            self._next = next(self._arrivals, None)
        self.over = self._next is None
        if self._next is not None:
            self._alarm.at(self._start + self._next[1], self._ring)

    def _arrive(self, number: int, due: int, now: int, chance: float) -> None:
        walker = self._walker
        road = walker.road(chance)
        if walker.under_way >= self._most:
            walker.book.dropped(road.stops[0].route, due)
            return
        walker.book.began(due, now)
        runner = self._idle.pop() if self._idle else self._new()
        runner.switch(road, self._first + number, due)

    def _new(self) -> greenlet.greenlet:
        runner = greenlet.greenlet(self._run, self._hub)
        runner.switch()
        self._idle.remove(runner)
        return runner

    def _run(self) -> None:
        me, hub = greenlet.getcurrent(), self._hub
        while True:
            self._idle.append(me)
            road, number, due = hub.switch()
            try:
                self._walker.walk(road, number, due)
            except Exception:
                logging.getLogger(__name__).exception("a journey of the generator failed")
