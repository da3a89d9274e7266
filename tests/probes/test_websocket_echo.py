"""A WebSocket is reported as it went: opened, echoed, refused or in trouble."""

from __future__ import annotations

import socket
import threading

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, Request, TextMessage

from plimsoll.errors import BadInput
from plimsoll.observations import WebSocketEcho
from plimsoll.probes.web.websocket import echo
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import Authority

DEADLINE = 0.4
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


def speaks_websocket(*, changes: bool = False) -> hostile.Talk:
    """A server that greets, pings, and sends every text back, or changes it on the way."""

    def answers(event: Event) -> tuple[Event, ...]:
        match event:
            case Request():
                return (AcceptConnection(), TextMessage(data="welcome"), Ping(payload=b"?"))
            case TextMessage():
                return (TextMessage(data=event.data.upper() if changes else event.data),)
            case CloseConnection():
                return (event.response(),)
        return ()

    def talk(stream: socket.socket, _: threading.Event) -> None:
        websocket = WSConnection(ConnectionType.SERVER)
        while data := stream.recv(65536):
            websocket.receive_data(data)
            for event in websocket.events():
                stream.sendall(b"".join(websocket.send(answer) for answer in answers(event)))

    return talk


def at(server: hostile.Server, authority: Authority | None = None) -> Endpoint:
    """The endpoint of a server, over TLS if an authority is given."""
    return Endpoint(
        role="edge",
        scheme="https" if authority else "http",
        host="localhost",
        port=server.address[1],
        address=server.address,
        authority=authority.pem if authority else None,
    )


def ask(talk: hostile.Talk, *, greet: bool = False) -> WebSocketEcho:
    """What such a server did with a WebSocket."""
    with hostile.serving(talk, greet=greet) as server:
        return echo(at(server), "/ws", deadline=DEADLINE)


def test_echo() -> None:
    """The text comes back, greetings and pings before it notwithstanding."""
    seen = ask(speaks_websocket(), greet=True)
    assert (seen.status, seen.accepted, seen.echoed, seen.trouble, seen.amount) == (101, True, True, "", 1)


def test_echo_over_tls(authority: Authority) -> None:
    """The same through a verified channel."""
    with hostile.serving(speaks_websocket(), tls=authority.context(), greet=True) as server:
        assert echo(at(server, authority), "/ws", deadline=DEADLINE).echoed


def test_changed_text_is_no_echo() -> None:
    """A text that comes back changed is not an echo."""
    seen = ask(speaks_websocket(changes=True), greet=True)
    assert (seen.status, seen.accepted, seen.echoed) == (101, True, False)
    assert seen.trouble.startswith("no echo within 0.4 s (")


def test_refusal_is_an_answer() -> None:
    """A server that answers 404 has answered, and opened nothing."""
    seen = ask(hostile.says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
    assert (seen.status, seen.accepted, seen.echoed, seen.trouble, seen.amount) == (404, False, False, "", 1)


@pytest.mark.parametrize(
    ("talk", "trouble"),
    [
        (hostile.says_nothing, "no answer to the upgrade within 0.4 s (0 bytes came)"),
        (hostile.slow_header, "no answer to the upgrade within 0.4 s ("),
        (hostile.http_0_9, "127.0.0.1:{port} closed the connection before the echo (18 bytes came)"),
        (hostile.endless_headers, "not a WebSocket: Bad HTTP message"),
        (hostile.resets, "the WebSocket broke off: connection reset by peer"),
        (hostile.says(b""), "127.0.0.1:{port} closed the connection before the echo (0 bytes came)"),
        (hostile.says(UPGRADED + b"\r\n"), "not a WebSocket: Bad accept token"),
        (hostile.says(UPGRADED + b"Sec-WebSocket-Protocol: \xff\r\n\r\n"), "not a WebSocket: "),
    ],
)
def test_trouble_is_named(talk: hostile.Talk, trouble: str) -> None:
    """What is no WebSocket is told in plain words, in time."""
    with hostile.serving(talk) as server:
        seen = echo(at(server), "/ws", deadline=DEADLINE)
    assert (seen.status, seen.accepted, seen.echoed, seen.amount) == (None, False, False, 0)
    assert seen.trouble.startswith(trouble.format(port=server.address[1]))


def test_nothing_listening() -> None:
    """A port without a server is named."""
    with hostile.nobody() as server:
        assert echo(at(server), "/ws").trouble == f"connection refused by 127.0.0.1:{server.address[1]}"


def test_path_that_cannot_be_asked_for() -> None:
    """A caller's mistake is an error, not an observation."""
    with hostile.serving(hostile.says_nothing) as server, pytest.raises(BadInput, match="no WebSocket can be asked"):
        echo(at(server), "/two words")
