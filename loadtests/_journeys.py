"""Journeys as they are walked: their steps asked one after the other, judged, counted and told to Locust."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from time import monotonic_ns
from urllib.parse import quote

from loadtests._alarm import Alarm
from loadtests._client import Answer, Client
from loadtests._cookies import Jar
from loadtests._form import FILE, form
from loadtests._tallies import Book
from loadtests._target import source as source_of
from loadtests._websocket import SHOWN, WRONG_BODY, Echo
from plimsoll.model.workload import WEBSOCKET, Journey, Step, Workload

SECOND = 1_000_000_000
WORD = re.compile(r"\{([a-z_]+)\}")
NUMBER = "number"
JSON = "Content-Type: application/json\r\n"
URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n"

Words = dict[str, str]
Told = Callable[[Step, int, Answer, str], None]
"""Hears of every request: its step, its latency in nanoseconds, the answer, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of a journey, ready to be asked: `data` is the whole request, `file` the body, where always the same."""

    step: Step
    route: int
    data: bytes
    file: bytes
    fields: str
    expects: frozenset[int]
    holds: bytes
    wants_body: bool


@dataclass(frozen=True, slots=True)
class Road:
    """A journey, ready to be walked; `think` nanoseconds lie between its steps."""

    name: str
    stops: tuple[Stop, ...]
    think: int


class Walker:
    """Walks the journeys of one workload through one client. `token` is sent where a step says so."""

    def __init__(
        self, workload: Workload, client: Client, book: Book, alarm: Alarm, *, token: str = "", told: Told
    ) -> None:
        self.client, self.book, self.alarm = client, book, alarm
        self.under_way = 0
        self.over = False
        self._told = told
        self._bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        self._routes = {name: number for number, name in enumerate(workload.routes)}
        self._roads = tuple(self._road(journey) for journey in workload.journeys)
        weights = [*accumulate(journey.weight for journey in workload.journeys)]
        self._bounds = [weight / weights[-1] for weight in weights[:-1]]

    def road(self, chance: float) -> Road:
        """The journey that a number from 0 to 1 chooses, in proportion to the weights."""
        return self._roads[bisect(self._bounds, chance)]

    def walk(self, road: Road, number: int, due: int, *, user: int | None = None) -> None:
        """The whole journey, or as far as it went well; its first step was due at that moment.

        A `user` of the closed model has connections of his own, and an address.
        """
        source = source_of(self.client.target, number if user is None else user)
        words: Words | None = None
        jar: Jar | None = None
        self.under_way += 1
        try:
            for stop in road.stops:
                if stop is not road.stops[0] and road.think:
                    self.alarm.sleep_until(due)
                    if self.over:
                        return
                    due = due if user is None else monotonic_ns()
                data = stop.data or self._written(stop, number, words, jar)
                if stop.step.method == WEBSOCKET:
                    answer = self._echo(stop, number, words, jar, source)
                else:
                    answer = self.client.ask(stop.step.method, data, source=source, owner=user, body=stop.wants_body)
                trouble, detail = _judged(stop, answer)
                if not trouble and stop.step.keeps:
                    words = words or {}
                    trouble, detail = _kept(stop.step, answer, words)
                self.book.count(stop.route, due, answer, trouble, detail)
                self._told(stop.step, answer.ended - due, answer, trouble)
                if trouble:
                    return
                if answer.cookies:
                    jar = jar or Jar()
                    jar.keep(answer.cookies)
                due = answer.ended + road.think
        finally:
            self.under_way -= 1

    def _road(self, journey: Journey) -> Road:
        stops = tuple(self._stops(journey))
        return Road(journey.name, stops, int(journey.think_seconds * SECOND))

    def _stops(self, journey: Journey) -> Iterator[Stop]:
        for place, step in enumerate(journey.steps):
            fields = self._bearer if step.login else ""
            if step.body:
                fields += JSON if step.body.lstrip()[:1] in {"{", "["} else URLENCODED
            file = form(step.upload) if step.upload else b""
            if file:
                fields += FILE
            fixed = place == 0 and step.method != WEBSOCKET and not WORD.search(step.path + step.body)
            yield Stop(
                step=step,
                route=self._routes[step.name],
                data=self.client.written(step.method, step.path, file or step.body.encode(), fields) if fixed else b"",
                file=file,
                fields=fields,
                expects=frozenset(step.expects),
                holds=step.holds.encode(),
                wants_body=bool(step.holds or step.keeps),
            )

    def _written(self, stop: Stop, number: int, words: Words | None, jar: Jar | None) -> bytes:
        step, fields = stop.step, stop.fields
        if step.method == WEBSOCKET:
            return b""
        path = filled(step.path, number, words, lambda text: quote(text, safe=""))
        if jar and (cookies := jar.for_path(path)):
            fields += f"Cookie: {cookies}\r\n"
        return self.client.written(step.method, path, stop.file or _body(step, number, words).encode(), fields)

    def _echo(self, stop: Stop, number: int, words: Words | None, jar: Jar | None, source: str) -> Answer:
        step = stop.step
        path = filled(step.path, number, words, lambda text: quote(text, safe=""))
        fields = [("Authorization", self._bearer.partition(": ")[2].strip())] if step.login and self._bearer else []
        if jar and (cookies := jar.for_path(path)):
            fields.append(("Cookie", cookies))
        return Echo(self.client, path, fields, _body(step, number, words)).ask(source, self.client.lobby.seconds)


def filled(text: str, number: int, words: Words | None, written: Callable[[str], str]) -> str:
    """The text with its words filled in; `written` says how a word is written there."""
    if "{" not in text:
        return text
    known = {NUMBER: str(number), **(words or {})}
    return WORD.sub(lambda found: written(known[found[1]]) if found[1] in known else found[0], text)


def _body(step: Step, number: int, words: Words | None) -> str:
    return filled(step.body, number, words, lambda text: json.dumps(text)[1:-1])


def _judged(stop: Stop, answer: Answer) -> tuple[str, str]:
    """What is wrong with an answer, and in which words; "" for one that is as it should be."""
    if answer.trouble:
        return answer.trouble, answer.detail
    if stop.step.method == WEBSOCKET:
        return "", ""
    if answer.status not in stop.expects:
        return f"status {answer.status}", f"{stop.step.name} leads to {answer.location}" if answer.location else ""
    if stop.holds and stop.holds not in answer.body:
        return WRONG_BODY, f"{stop.step.name} does not hold {stop.step.holds!r}: {answer.body[:SHOWN]!r}"
    return "", ""


def _kept(step: Step, answer: Answer, words: Words) -> tuple[str, str]:
    """The members of the answer's JSON object that later steps use, put among the words."""
    try:
        said = json.loads(answer.body)
        for word, member in step.keeps.items():
            found = said
            for name in member.split("."):
                found = found[int(name)] if isinstance(found, list) else found[name]
            words[word] = found if isinstance(found, str) else json.dumps(found)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return WRONG_BODY, f"{step.name} has no {', '.join(step.keeps.values())}: {answer.body[:SHOWN]!r}"
    return "", ""
