"""The client of loads takes whatever HTTP/1.1 allows, and calls everything else by its name."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

import gevent
import pytest
import trustme

from loadtests._client import Answer, Client
from plimsoll.observations.load import Target
from tests.load.talker import CLOSE, OK, Line, Talker

PATIENCE = 0.4
LATE = 2.0
"""Seconds after its deadline at which a busy machine still gets to end an exchange."""


class Asked:
    """A talker, and a client that asks it."""

    def __init__(self, *scripts: list[Line], patience: float = PATIENCE) -> None:
        self.talker = Talker(scripts)
        self.talker.__enter__()
        address = ("127.0.0.1", self.talker.port)
        self.client = Client(Target(scheme="http", host="shop.example", port=80, address=address), seconds=patience)

    def ask(self, method: str = "GET", path: str = "/", body: bytes = b"") -> Answer:
        """In a greenlet, as journeys are."""
        data = self.client.written(method, path, body)
        found: Answer = gevent.spawn(self.client.ask, method, data, body=True).get(timeout=5)
        return found


@pytest.fixture
def ask() -> Iterator[type[Asked]]:
    """Asks talkers, all of which are gone afterwards."""
    made: list[Asked] = []

    class Kept(Asked):
        def __init__(self, *scripts: list[Line], patience: float = PATIENCE) -> None:
            super().__init__(*scripts, patience=patience)
            made.append(self)

    yield Kept
    for each in made:
        each.client.close()
        each.talker.__exit__()


def seen(answer: Answer) -> tuple[str, int, bytes]:
    return answer.trouble, answer.status, answer.body


def test_requests_name_the_host_and_come_over_one_connection(ask: type[Asked]) -> None:
    """Keep-alive is used, and the Host header is the deployment's, whatever the address."""
    asked = ask([OK, OK, OK])

    answers = [asked.ask() for _ in range(3)]

    assert [seen(answer) for answer in answers] == [("", 200, b"ok")] * 3
    assert asked.talker.connections == 1
    assert b"\r\nHost: shop.example\r\n" in asked.talker.heard[0]


def test_chunked_bodies_are_put_together(ask: type[Asked]) -> None:
    asked = ask(
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n", OK]
    )

    assert seen(asked.ask()) == ("", 200, b"abcde")
    assert seen(asked.ask()) == ("", 200, b"ok")
    assert asked.talker.connections == 1


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_with_their_head(ask: type[Asked], status: int) -> None:
    asked = ask([f"HTTP/1.1 {status} X\r\n\r\n".encode(), OK])

    assert seen(asked.ask()) == ("", status, b"")
    assert seen(asked.ask()) == ("", 200, b"ok")
    assert asked.talker.connections == 1


def test_head_has_a_length_and_no_body(ask: type[Asked]) -> None:
    """RFC 9110, 9.3.2: Content-Length tells of the body that GET would have had."""
    asked = ask([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", OK])

    assert seen(asked.ask("HEAD")) == ("", 200, b"")
    assert seen(asked.ask()) == ("", 200, b"ok")
    assert asked.talker.connections == 1


def test_interim_answers_come_before_the_answer(ask: type[Asked]) -> None:
    asked = ask([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, OK])

    assert seen(asked.ask("POST", body=b"x" * 10)) == ("", 200, b"ok")
    assert seen(asked.ask()) == ("", 200, b"ok")


def test_a_body_may_end_with_the_connection(ask: type[Asked]) -> None:
    """RFC 9112, 6.3: without a length the body is what comes until the end."""
    asked = ask([b"HTTP/1.1 200 OK\r\n\r\nall of it", CLOSE], [OK])

    assert seen(asked.ask()) == ("", 200, b"all of it")
    assert seen(asked.ask()) == ("", 200, b"ok")
    assert asked.talker.connections == 2


def test_a_server_may_close_after_its_answer(ask: type[Asked]) -> None:
    asked = ask([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", CLOSE], [OK])

    assert [seen(asked.ask()) for _ in range(2)] == [("", 200, b"ok")] * 2
    assert asked.talker.connections == 2


def test_an_idle_connection_that_was_closed_is_not_used(ask: type[Asked]) -> None:
    """The end of an idle connection is noticed when it comes, so that not even a POST meets it."""
    asked = ask([OK, CLOSE], [OK])

    first = asked.ask()
    gevent.sleep(0.05)
    second = asked.ask("POST", body=b"once")

    assert [seen(first), seen(second)] == [("", 200, b"ok")] * 2
    assert asked.client.renewed == 0


@pytest.mark.parametrize(("method", "trouble"), [("GET", ""), ("POST", "cut")])
def test_what_meets_a_closing_connection_is_sent_again_if_it_may_be(
    ask: type[Asked], method: str, trouble: str
) -> None:
    """RFC 9110, 9.2.2: a POST may have been carried out, so nobody sends it twice."""
    asked = ask([OK, lambda _: b"", CLOSE], [OK])

    asked.ask()
    second = asked.ask(method, body=b"x" if method == "POST" else b"")

    assert second.trouble == trouble


def test_an_answer_that_is_cut_is_no_answer(ask: type[Asked]) -> None:
    asked = ask([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", CLOSE])

    answer = asked.ask()

    assert (answer.trouble, answer.detail) == ("cut", "closed in the middle of its answer")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", ""),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"y" * 100_000, "a head of more than"),
    ],
)
def test_what_is_no_http_is_garbage(ask: type[Asked], said: bytes, what: str) -> None:
    answer = ask([said]).ask()

    assert answer.trouble == "garbage"
    assert what in answer.detail


def test_nobody_waits_longer_than_the_deadline(ask: type[Asked]) -> None:
    """Also where something comes all the time, and never ends."""
    asked = ask([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"], [OK])
    began = monotonic()

    first, took = asked.ask(), monotonic() - began
    second = asked.ask()

    assert first.trouble == "timed out"
    assert PATIENCE <= took < PATIENCE + LATE
    assert seen(second) == ("", 200, b"ok")


def test_two_answers_to_one_request_end_the_connection(ask: type[Asked]) -> None:
    """The second would be taken for the answer to somebody else's request."""
    asked = ask([OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"], [OK])

    assert [seen(asked.ask()) for _ in range(2)] == [("", 200, b"ok")] * 2
    assert asked.talker.connections == 2


def test_redirects_are_answers(ask: type[Asked]) -> None:
    """Nothing is followed: a step says which status it expects, and where it leads is told."""
    asked = ask([b"HTTP/1.1 301 X\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"])

    answer = asked.ask()

    assert (answer.status, answer.location) == (301, "https://elsewhere.example/")


def test_large_bodies_go_both_ways(ask: type[Asked]) -> None:
    size = 3_000_000
    echo: list[Line] = [lambda request: f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + request[-size:]]
    asked = ask(echo, patience=5)

    answer = asked.ask("POST", body=b"z" * size)

    assert (answer.trouble, answer.size, answer.body == b"z" * size) == ("", size, True)


@pytest.mark.parametrize(
    ("answer", "seen"),
    [(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n", ("", 413)), (b"", ("timed out", 0))],
)
def test_a_server_may_take_no_more_of_a_body(answer: bytes, seen: tuple[str, int]) -> None:
    """Its answer counts though not all was sent; without one the deadline does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = Target(scheme="http", host="x", port=80, address=listening.getsockname())

        def refuse() -> None:
            with suppress(OSError), listening.accept()[0] as sock:
                sock.recv(1000)
                sock.sendall(answer)
                hold.wait(5)

        hold = Event()
        Thread(target=refuse, daemon=True).start()
        client = Client(target, seconds=PATIENCE)
        data = client.written("POST", "/", b"z" * 30_000_000)
        began = monotonic()
        found: Answer = gevent.spawn(client.ask, "POST", data).get(timeout=5)
        took = monotonic() - began
        open_yet = client.lobby.open
        hold.set()
        client.close()

    assert (found.trouble, found.status, open_yet) == (*seen, 0)
    assert took < PATIENCE + LATE


def test_nobody_there_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
    client = Client(Target(scheme="http", host="x", port=80, address=address), seconds=5)

    answer = gevent.spawn(client.ask, "GET", client.written("GET", "/")).get(timeout=5)
    client.close()

    assert answer.trouble == "refused"


@pytest.mark.parametrize(
    ("host", "trusted", "trouble"),
    [("shop.example", True, ""), ("other.example", True, "tls"), ("shop.example", False, "tls")],
)
def test_certificates_are_verified(host: str, trusted: bool, trouble: str) -> None:
    """Against the run's own authority, and the host that is asked, whatever its address."""
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.example").configure_cert(context)
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b"z" * 500_000
    with Talker([[OK, large, OK]], context=context) as talker:
        pem = (authority if trusted else other).cert_pem.bytes().decode()
        address = ("127.0.0.1", talker.port)
        client = Client(Target(scheme="https", host=host, port=443, address=address, authority=pem), seconds=5)
        answers = [gevent.spawn(client.ask, "GET", client.written("GET", "/")).get(timeout=5) for _ in range(3)]
        client.close()

    assert {answer.trouble for answer in answers} == {trouble}
    if not trouble:
        assert [answer.size for answer in answers] == [2, 500_000, 2]
        assert talker.connections == 1
