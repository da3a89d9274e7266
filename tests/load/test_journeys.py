"""Journeys are walked as the workload says: words, cookies, tokens, what is expected, and how late it is."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from contextlib import closing
from email.parser import BytesParser
from email.policy import HTTP
from time import monotonic_ns

import gevent
import pytest

from loadtests._alarm import Alarm
from loadtests._client import Client
from loadtests._journeys import Walker
from loadtests._tallies import Book
from plimsoll.model.workload import Journey, Step, Workload
from plimsoll.observations.load import Target
from tests.load.talker import CLOSE, OK, Line, Talker

TOKEN = "T"  # noqa: S105 - of nobody
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of RFC 6455, 1.3."""


def said(text: str, *fields: str, status: str = "200 OK") -> bytes:
    head = "".join(f"{field}\r\n" for field in fields)
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


def walked(
    *steps: Step, script: list[Line], think: float = 0.0, token: str = "", late: int = 0
) -> tuple[Book, list[bytes], list[str]]:
    """What was counted, heard by the server, and told to Locust, of one journey with the number 7."""
    workload = Workload(rate=1, journeys=(Journey(name="j", steps=steps, think_seconds=think),))
    told: list[str] = []
    with Talker([script]) as talker:
        target = Target(scheme="http", host="shop.example", port=80, address=("127.0.0.1", talker.port))
        with closing(Client(target, seconds=2)) as client, closing(Alarm()) as alarm:
            book = Book(workload.routes, [], monotonic_ns())
            walker = Walker(
                workload, client, book, alarm, token=token, told=lambda s, _n, _a, why: told.append(f"{s.name}: {why}")
            )
            gevent.spawn(walker.walk, walker.road(0.5), 7, monotonic_ns() - late).get(timeout=10)
    return book, talker.heard, told


def test_what_one_step_keeps_the_next_one_uses() -> None:
    make = Step(
        name="make",
        path="/trips",
        method="POST",
        body='{"title": "t {number}"}',
        expects=(201,),
        keeps={"id": "data.id"},
    )
    see = Step(name="see", path="/trips/{id}?n={number}")

    _, heard, told = walked(make, see, script=[said('{"data": {"id": "a b"}}', status="201 X"), OK], token=TOKEN)

    assert heard[0].startswith(b"POST /trips ")
    assert heard[0].endswith(b'{"title": "t 7"}')
    assert b"\r\nContent-Type: application/json\r\n" in heard[0]
    assert b"\r\nAuthorization: Bearer T\r\n" in heard[0]
    assert heard[1].startswith(b"GET /trips/a%20b?n=7 ")
    assert told == ["make: ", "see: "]


def test_cookies_are_kept_for_the_journey() -> None:
    pages = [Step(name=f"page {number}", path=path) for number, path in enumerate(("/", "/shop/x", "/other"))]
    first = said("", "Set-Cookie: id=1; Path=/; HttpOnly", "set-cookie: seen=2; Path=/shop")

    _, heard, _ = walked(*pages, script=[first, said("", "Set-Cookie: id=; Max-Age=0; Path=/"), OK])

    assert b"Cookie" not in heard[0]
    assert b"\r\nCookie: id=1; seen=2\r\n" in heard[1]
    assert b"Cookie" not in heard[2]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("all is well"), ""),
        (said("all is lost"), "wrong body"),
        (said("all is well", status="404 X"), "status 404"),
        (said("", "Location: /login", status="302 X"), "status 302"),
    ],
)
def test_an_answer_is_good_if_it_is_what_the_step_expects(answer: bytes, why: str) -> None:
    """An error page with status 200 is none; and after a bad answer nobody goes on."""
    steps = Step(name="page", path="/", holds="is well"), Step(name="next", path="/")

    book, heard, told = walked(*steps, script=[answer, OK])

    assert told == ([f"page: {why}"] if why else ["page: ", "next: "])
    assert len(heard) == len(told) == book.asked


def test_latency_counts_from_the_moment_that_was_due() -> None:
    """Whoever had to wait before being asked for waited, too (coordinated omission); service time is apart."""
    book, _, _ = walked(Step(name="page", path="/"), script=[OK], late=500_000_000)
    part = book.fold()[0][0]
    latency, service = part[5], part[7]

    assert latency[1] >= 500_000_000
    assert service[1] < 100_000_000


def test_thinking_lies_between_steps_and_in_no_latency() -> None:
    began = monotonic_ns()
    book, _, _ = walked(Step(name="a", path="/"), Step(name="b", path="/"), script=[OK, OK], think=0.2)

    assert monotonic_ns() - began >= 200_000_000
    assert max(part[5][2] for part in book.fold()[0]) < 150_000_000


def accepted(request: bytes) -> bytes:
    key = next(line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    head = b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
    return head + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda request: accepted(request) + b"\x81\x04hi 7", ""),
        (lambda request: accepted(request) + b"\x81\x04no 7", "wrong body"),
        (said("no", status="403 X"), "status 403"),
    ],
)
def test_a_websocket_says_back_what_it_heard(answer: Line, why: str) -> None:
    step = Step(name="echo", path="/ws", method="WEBSOCKET", body="hi {number}")

    _, heard, told = walked(step, script=[answer, CLOSE], token=TOKEN)

    assert told == [f"echo: {why}"]
    assert b"authorization: bearer t\r\n" in heard[0].lower()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda request: accepted(request) + b"\x01\x02hi" + b"\x80\x02 7", ""),
        (accepted, "timed out"),
        (lambda request: accepted(request) + b"\x01\x02hi", "timed out"),
        (lambda request: accepted(request) + b"\x81\x02hi", "wrong body"),
        (lambda request: accepted(request) + b"\x81\x05hi 77", "wrong body"),
        (lambda request: accepted(request) + b"\x88\x02\x03\xe8", "cut"),
        (lambda request: accepted(request) + b"\xff\x01x", "garbage"),
        (lambda request: accepted(request) + b"\x81\x02\xff\xff", "garbage"),
        (b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", "garbage"),
        (b"nonsense\r\n\r\n", "garbage"),
        (said("hi 7"), "status 200"),
        (b"", "timed out"),
        (CLOSE, "cut"),
    ],
)
def test_a_websocket_that_says_anything_else_is_bad(answer: Line, why: str) -> None:
    """But for a text in several frames. Whatever it says, it has an end."""
    step = Step(name="echo", path="/ws", method="WEBSOCKET", body="hi {number}")

    _, _, told = walked(step, script=[answer])

    assert told == [f"echo: {why}"]


def test_a_websocket_that_nobody_opens_is_cut() -> None:
    """A server that has heard what it is asked for, and goes, is not one that says something else."""
    _, _, told = walked(Step(name="echo", path="/ws", method="WEBSOCKET", body="hi"), script=[b"", CLOSE])

    assert told == ["echo: cut"]


def test_a_file_is_sent_as_a_form() -> None:
    """The same one every time, and as long as the step says; words are filled in around it."""
    make = Step(name="make", path="/trips", method="POST", body="x=1", keeps={"id": "id"})
    put = Step(name="put", path="/trips/{id}/photo", method="POST", upload=1000, expects=(201,), holds="1000")

    _, heard, told = walked(make, put, script=[said('{"id": 3}'), said("size 1000", status="201 X")], token=TOKEN)
    _, again, _ = walked(put, script=[OK])
    parts = BytesParser(policy=HTTP).parsebytes(heard[1].partition(b"\r\n")[2])
    (file,) = parts.iter_parts()

    assert told == ["make: ", "put: "]
    assert heard[1].startswith(b"POST /trips/3/photo HTTP/1.1\r\n")
    assert (file.get_filename(), len(file.get_content())) == ("load.bin", 1000)
    assert again[0].partition(b"\r\n\r\n")[2] == heard[1].partition(b"\r\n\r\n")[2]
