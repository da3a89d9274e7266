"""The HTTP client keeps its deadline and says in plain words what a server did."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plimsoll import __version__
from plimsoll.errors import BadInput, Refused
from plimsoll.observations import HttpExchange
from plimsoll.probes.wire import BODY_LIMIT, Client
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import Edge

DEADLINE = 0.4
MARGIN = 3.0
"""Seconds by which a deadline may be overrun where the machine is busy with other tests."""


def at(address: tuple[str, int]) -> Endpoint:
    """The plain endpoint at an address."""
    return Endpoint(role="edge", scheme="http", host="localhost", port=address[1], address=address)


@contextmanager
def asking(server: hostile.Server) -> Iterator[Client]:
    """A client of a server that must answer, or be given up, in time."""
    started = time.monotonic()
    yield Client(at(server.address), deadline=DEADLINE)
    assert time.monotonic() - started < DEADLINE + MARGIN


def ask(talk: hostile.Talk) -> HttpExchange:
    """What a GET got from such a server."""
    with hostile.serving(talk) as server, asking(server) as client:
        return client.exchange("page", "GET", "/")


@pytest.mark.parametrize(
    ("talk", "trouble"),
    [
        (hostile.resets, "connection reset by 127.0.0.1:{port} before a complete header (0 bytes came)"),
        (hostile.says(b""), "127.0.0.1:{port} closed the connection before a complete header (0 bytes came)"),
        (hostile.says_nothing, "no complete header within 0.4 s (0 bytes came)"),
        (hostile.header_cut_short, "127.0.0.1:{port} closed the connection before a complete header (25 bytes came)"),
        (hostile.body_cut_short, "127.0.0.1:{port} closed the connection before a complete body (44 bytes came)"),
        (hostile.stalls_in_body, "no complete body within 0.4 s (44 bytes came)"),
        (hostile.endless_headers, "a header longer than 65536 bytes"),
        (hostile.long_header, "a header longer than 65536 bytes"),
        (hostile.interim_flood, "no final answer in 65536 bytes, only interim ones"),
        (hostile.http_0_9, "not HTTP: the answer began with b'<html>hello</html>'"),
        (hostile.illegal_header, "not valid HTTP: illegal header line: bytearray(b'no colon here')"),
    ],
)
def test_trouble_is_named(talk: hostile.Talk, trouble: str) -> None:
    """Whatever a server does wrong is told in plain words, and no status is made up."""
    with hostile.serving(talk) as server, asking(server) as client:
        exchange = client.exchange("page", "GET", "/")
    assert (exchange.status, exchange.trouble) == (None, trouble.format(port=server.address[1]))


@pytest.mark.parametrize(("talk", "awaited"), [(hostile.slow_header, "header"), (hostile.slow_body, "body")])
def test_dripping_server_is_given_up(talk: hostile.Talk, awaited: str) -> None:
    """A byte now and then does not stretch the deadline."""
    exchange = ask(talk)
    assert exchange.trouble.startswith(f"no complete {awaited} within 0.4 s (")
    assert 0.9 * DEADLINE < exchange.seconds < DEADLINE + MARGIN


def test_nothing_listening() -> None:
    """A port without a server is named as such."""
    with hostile.nobody() as server, asking(server) as client:
        exchange = client.exchange("page", "GET", "/")
    assert exchange.trouble == f"connection refused by 127.0.0.1:{server.address[1]}"


def test_nobody_takes_the_connection() -> None:
    """A server that does not even take the connection is given up in time."""
    with hostile.swamped() as server, asking(server) as client:
        exchange = client.exchange("page", "GET", "/")
    assert exchange.trouble == f"no connection to 127.0.0.1:{server.address[1]} within 0.4 s"


def test_unknown_name() -> None:
    """An address that no resolver knows is named."""
    endpoint = Endpoint(role="edge", scheme="http", host="a", port=80, address=("no-such-host.invalid", 80))
    assert "no address is known for no-such-host.invalid" in Client(endpoint).exchange("page", "GET", "/").trouble


def test_foreign_source() -> None:
    """A client address that this machine does not have is named."""
    with hostile.nobody() as server:
        exchange = Client(at(server.address), source="192.0.2.1").exchange("page", "GET", "/")
    where = f"127.0.0.1:{server.address[1]}"
    assert exchange.trouble == f"no connection to {where} from 192.0.2.1: cannot assign requested address"


@pytest.mark.parametrize("talk", [hostile.endless_body, hostile.endless_chunks])
def test_endless_body_is_cut(talk: hostile.Talk) -> None:
    """A body without end is read up to the limit, and the exchange is good."""
    exchange = ask(talk)
    assert (exchange.status, exchange.trouble, len(exchange.body)) == (200, "", BODY_LIMIT)


def test_gzip_bomb_stays_small() -> None:
    """A compressed body is kept as it came."""
    exchange = ask(hostile.gzip_bomb)
    assert exchange.values("content-encoding") == ("gzip",)
    assert exchange.body[:2] == b"\x1f\x8b"
    assert len(exchange.body) < hostile.BOMB / 100


def test_invalid_utf_8() -> None:
    """Bytes that are no text are kept, one character each."""
    exchange = ask(hostile.invalid_utf_8)
    assert (exchange.values("x-odd"), exchange.body) == (("\xff\xfe\xc3",), b"\xff\xfe\xc3")


@pytest.mark.parametrize(
    ("talk", "location"),
    [(hostile.redirect_loop, "/"), (hostile.redirect_elsewhere, "https://other.example/")],
)
def test_redirect_is_not_followed(talk: hostile.Talk, location: str) -> None:
    """A redirect is an answer: one request is sent, and no more."""
    with hostile.serving(talk) as server, asking(server) as client:
        exchange = client.exchange("redirect", "GET", "/")
    assert (exchange.status, exchange.values("location"), len(server.requests)) == (302, (location,), 1)


def test_early_refusal_of_a_body_is_read() -> None:
    """A server that refuses a body unread is heard."""
    with hostile.serving(hostile.refuses_body) as server:
        client = Client(at(server.address), methods=frozenset({"POST"}))
        assert client.exchange("upload", "POST", "/", body=bytes(8 * 1024 * 1024)).status == 413


def test_body_that_is_not_taken() -> None:
    """A server that takes no body does not hold the client beyond its deadline."""
    with hostile.serving(hostile.says_nothing) as server:
        client = Client(at(server.address), methods=frozenset({"POST"}), deadline=DEADLINE)
        trouble = client.exchange("upload", "POST", "/", body=bytes(32 * 1024 * 1024)).trouble
    assert trouble == f"127.0.0.1:{server.address[1]} did not take the whole request within 0.4 s"


def test_method_that_is_not_allowed_is_never_sent() -> None:
    """On a read-only target no byte of a POST leaves the machine."""
    with hostile.serving(hostile.http_0_9) as server:
        with pytest.raises(Refused, match=r"POST / was not sent: this target allows GET, HEAD, OPTIONS"):
            Client(at(server.address)).exchange("page", "POST", "/")
        assert server.requests == []


def test_request_that_cannot_be_sent() -> None:
    """A caller's mistake is an error, not an observation."""
    with pytest.raises(BadInput, match="cannot be sent"):
        Client(at(("127.0.0.1", 1))).exchange("page", "GET", "/two words")


def test_request_line_and_headers() -> None:
    """Every request names the host asked for and this program, and closes."""
    with hostile.serving(hostile.redirect_loop) as server:
        exchange = Client(at(server.address)).exchange("page", "GET", "/a?b", headers=(("X-A", "1"),), host="b.example")
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /a?b HTTP/1.1"
    assert set(lines[1:-2]) == {
        "Host: b.example",
        f"User-Agent: plimsoll/{__version__}",
        "Connection: close",
        "X-A: 1",
    }
    assert exchange.url == f"http://b.example:{server.address[1]}/a?b"


def test_every_occurrence_of_a_header_is_kept() -> None:
    """Duplicates stay apart, in order, with their names as sent."""
    exchange = ask(hostile.says(hostile.OK + b"X-One: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nhi"))
    assert exchange.headers == (("X-One", "1"), ("x-one", "2"), ("Content-Length", "2"))
    assert (exchange.status, exchange.http_version, exchange.body) == (200, "1.1", b"hi")


def test_http_1_0_answer_ends_with_the_connection() -> None:
    """An answer without a length ends where the server closes."""
    exchange = ask(hostile.says(b"HTTP/1.0 404 Not Found\r\n\r\ngone"))
    assert (exchange.status, exchange.http_version, exchange.body) == (404, "1.0", b"gone")


def test_switching_protocols_is_an_answer() -> None:
    """A 101 to a request for an upgrade ends the exchange."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nframes"
    headers = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
    with hostile.serving(hostile.says(switch)) as server:
        assert Client(at(server.address)).exchange("page", "GET", "/", headers=headers).status == 101


def test_kept_connection_carries_several_exchanges(edge: Edge) -> None:
    """One connection serves GET and HEAD one after another, and can be used again."""
    client = Client(edge.endpoint("patient"))
    with client.connect() as kept:
        answers = [client.exchange("page", method, "/", over=kept) for method in ("GET", "HEAD", "GET")]
        assert kept.reusable
    assert [(a.status, a.body) for a in answers] == [(200, b"hello"), (200, b""), (200, b"hello")]


def test_bound_source_is_seen_by_the_server() -> None:
    """The server sees the client address that was asked for."""
    seen: list[str] = []

    def talk(stream: socket.socket, _: threading.Event) -> None:
        seen.append(stream.getpeername()[0])

    with hostile.serving(talk) as server:
        Client(at(server.address), source="127.0.0.3").exchange("page", "GET", "/")
    assert seen == ["127.0.0.3"]
