"""A client tells who is dead from who stands still, and both from who answers."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from plimsoll.drills.resilience.knocks import ANSWERS, OF_POSTGRES, REFUSED, SILENT, knock
from plimsoll.stacks.protocol import Endpoint


def endpoint_at(listener: socket.socket, scheme: str) -> Endpoint:
    """Where that socket listens."""
    host, port = listener.getsockname()
    return Endpoint(role="app", scheme=scheme, host=host, port=port, address=(host, port))


def test_nobody_listens() -> None:
    """A port that was given back refuses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = endpoint_at(listener, "http")
    assert knock(place) == REFUSED


def test_somebody_stands_still() -> None:
    """The kernel accepts for a program that does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert knock(endpoint_at(listener, "http"), seconds=0.1) == SILENT


@pytest.mark.parametrize(("scheme", "asked"), [("http", b"GET /"), ("redis", b"GET /"), ("postgresql", OF_POSTGRES)])
def test_somebody_answers(scheme: str, asked: bytes) -> None:
    """Each kind of service is asked something that it has an answer to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def answers() -> None:
            stream, _ = listener.accept()
            with stream:
                heard.append(stream.recv(100))
                stream.sendall(b"N")

        thread = Thread(target=answers, daemon=True)
        thread.start()
        assert knock(endpoint_at(listener, scheme), seconds=5.0) == ANSWERS
        thread.join(5.0)
        assert heard[0].startswith(asked)
