"""One worker's part of a run: told when it begins, it asks, counts, and reports every second until it is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic_ns
from typing import TYPE_CHECKING, TypedDict

import gevent
from gevent.event import Event

from loadtests._alarm import Alarm
from loadtests._arrivals import shared
from loadtests._client import Client
from loadtests._health import Beat, Health, raise_limits
from loadtests._journeys import Told, Walker
from loadtests._pacer import Pacer
from loadtests._tallies import Book, Counts, Part
from loadtests._target import source
from plimsoll.model.load import CLOSED
from plimsoll.observations.load import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND = 1_000_000_000
DRAIN = 1.0
"""Seconds beyond the patience of requests that a run waits for their end."""


AT_ONCE = 2000
"""Users of the closed model who begin in a second: all at once would be more than a server's queue takes."""


class Report(TypedDict):
    """What a worker tells since its last report; `open` are requests under way, none of the first `settled` seconds."""

    index: int
    parts: list[Part]
    begun: list[tuple[int, int]]
    lags: Counts
    beats: list[Beat]
    examples: dict[str, str]
    open: int
    settled: int
    done: bool


class Hand:
    """Carries out one worker's share of an order; `index` of `of` workers."""

    def __init__(self, order: Order, index: int, of: int, *, told: Told, say: Callable[[Report], None]) -> None:
        self.order, self.index, self.of = order, index, of
        self._told, self._say = told, say
        self.over = False
        self.started = Event()
        self.start = self.end = 0
        self._interrupted = self._done = False
        self._turn = self._users = 0

    def prepare(self) -> None:
        """All that takes its time is done: the run may begin. Raises LookupError with why nobody can log in."""
        order, plan = self.order, self.order.plan
        raise_limits()
        self.alarm = Alarm()
        self.client = Client(order.target, seconds=order.patience)
        self.book = Book(order.workload.routes, plan.limits)
        self.walker = Walker(order.workload, self.client, self.book, self.alarm, token=self._token(), told=self._told)
        self.health = Health(self.client, self.walker)
        most = -(-plan.most_open // self.of)
        self.pacer = Pacer(self.walker, self.alarm, shared(plan, self.index, self.of), most=most)
        self.health.start()

    def run(self, start: int) -> None:
        """The whole run, once it is prepared: its schedule begins at that moment."""
        plan = self.order.plan
        self.start, self.end = start, start + int(plan.seconds * SECOND)
        self.book.start = start
        if plan.model == CLOSED:
            self.pacer.over = True
        else:
            self.pacer.begin(start, self.end, self.order.first)
        self.started.set()
        try:
            self._watch()
        finally:
            self.health.stop()

    def live(self, stays: Callable[[], bool]) -> None:
        """One user of the closed model: a journey after the other, until the plan ends or the user does not stay."""
        self.started.wait()
        place, self._users = self._users, self._users + 1
        self.alarm.sleep_until(self.start + place * SECOND // AT_ONCE)
        while not self.over and stays():
            due = monotonic_ns()
            if due >= self.end:
                return
            number, self._turn = self.index + self._turn * self.of, self._turn + 1
            road = self.walker.road(number * 0.6180339887498949 % 1)  # evenly spread (Weyl), so weights hold early
            self.book.began(due, due)
            self.walker.walk(road, self.order.first + number, due, user=place * self.of + self.index)
            if road.think:
                self.alarm.sleep_until(monotonic_ns() + road.think)

    def interrupt(self) -> None:
        """The run is over now; what was counted so far is reported."""
        self._interrupted = True
        if self.started.is_set() and not self._done:
            self._stop()
            self._finish(number=(monotonic_ns() - self.start) // SECOND)

    def _watch(self) -> None:
        """A report every second of the schedule, and the last one once every request has ended."""
        number, last = 0, self.end + int((self.order.patience + DRAIN) * SECOND)
        while True:
            self.alarm.sleep_until(self.start + (number + 1) * SECOND)
            if self._done:
                return
            now = monotonic_ns()
            if now >= self.end:
                break
            self._report(number=number)
            number = max((now - self.start) // SECOND, number + 1)
        while not (self.pacer.over or self._interrupted):
            gevent.sleep(0.01)
        self._stop()
        while self.client.under_way and monotonic_ns() < last and not self._done:
            gevent.sleep(0.01)
        if not self._done:
            self._finish(number=number)

    def _stop(self) -> None:
        self.over = self.walker.over = True
        self.pacer.stop()

    def _finish(self, *, number: int) -> None:
        self._done = self.over = True
        self._report(number=number, done=True)
        self.client.close()

    def _report(self, *, number: int, done: bool = False) -> None:
        parts, begun, lags = self.book.fold()
        examples, self.book.examples = self.book.examples, {}
        self._say(
            Report(
                index=self.index,
                parts=parts,
                begun=begun,
                lags=lags,
                beats=[self.health.beat(number)],
                examples=examples,
                open=self.client.under_way,
                settled=self._settled(),
                done=done,
            )
        )

    def _settled(self) -> int:
        """How many seconds of the schedule are over, and all their requests ended."""
        now = monotonic_ns()
        oldest = min(self.client.lobby.oldest(now), self.pacer.behind(now)) if self.started.is_set() else self.start
        return max((min(oldest, now) - self.start) // SECOND, 0)

    def _token(self) -> str:
        """The token of the order's account, "" if nobody logs in. Raises LookupError with what was answered."""
        order = self.order
        needed = any(step.login for journey in order.workload.journeys for step in journey.steps)
        if not (order.account and order.login and needed):
            return ""
        user, password = order.account
        body = json.dumps({"email": user, "password": password}).encode()
        data = self.client.written("POST", order.login, body, "Content-Type: application/json\r\n")
        answer = self.client.ask("POST", data, source=source(order.target, self.index), body=True)
        try:
            said: Mapping[str, object] = json.loads(answer.body)
            return str(said["access_token"])
        except (ValueError, KeyError, TypeError):
            what = answer.trouble or f"status {answer.status}"
            raise LookupError(f"nobody can log in at {order.login}: {what}") from None
