"""A relay passes everything on, late or not at all if it is told so, and ends with whoever is behind it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest

from plimsoll.drills.resilience.relays import Relay
from plimsoll.stacks.processes.programs import LOOPBACK
from plimsoll.wait import SYSTEM_CLOCK

SECONDS = 0.1
LONG_SECONDS = 5.0


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """Somebody who says again whatever is said."""

    def serve(door: socket.socket) -> None:
        while True:
            try:
                stream, _ = door.accept()
            except OSError:
                return
            Thread(target=repeat, args=(stream,), daemon=True).start()

    def repeat(stream: socket.socket) -> None:
        with stream:
            while piece := stream.recv(100):
                stream.sendall(piece)

    with socket.create_server((LOOPBACK, 0)) as door:
        Thread(target=serve, args=(door,), daemon=True).start()
        yield door.getsockname()
        door.shutdown(socket.SHUT_RDWR)


def asked(stream: socket.socket, words: bytes) -> bytes:
    """What is said to these words."""
    stream.sendall(words)
    return stream.recv(100)


def test_a_relay_passes_on(echo: tuple[str, int]) -> None:
    """Both ways, for as many as come."""
    with Relay(echo) as relay:
        streams = [socket.create_connection(relay.address, LONG_SECONDS) for _ in range(3)]
        for stream in streams:
            with closing(stream):
                assert asked(stream, b"ahoy") == b"ahoy"


def test_a_shut_relay_keeps_connections_and_says_nothing(echo: tuple[str, int]) -> None:
    """Old ones and new ones; afterwards what was held back comes."""
    with Relay(echo) as relay, socket.create_connection(relay.address, LONG_SECONDS) as old:
        assert asked(old, b"one") == b"one"
        with relay.shut() as how, socket.create_connection(relay.address, SECONDS) as new:
            old.settimeout(SECONDS)
            for stream in (old, new):
                with pytest.raises(TimeoutError):
                    asked(stream, b"two")
        old.settimeout(LONG_SECONDS)

        assert old.recv(100) == b"two"
        assert "passes nothing on" in how


def test_a_slow_relay_is_late_both_ways(echo: tuple[str, int]) -> None:
    """An answer takes twice its delay, and no longer than before once that is over."""
    with Relay(echo) as relay, socket.create_connection(relay.address, LONG_SECONDS) as stream:
        with relay.slow(SECONDS) as how:
            began = SYSTEM_CLOCK.monotonic()
            asked(stream, b"one")
            took = SYSTEM_CLOCK.monotonic() - began

        assert took >= 2 * SECONDS
        assert "100 ms late each way" in how


def test_nobody_behind_a_relay_is_nobody() -> None:
    """Whoever connects is sent away at once, as by a port where nobody listens."""
    with socket.create_server((LOOPBACK, 0)) as door:
        nobody = door.getsockname()

    with Relay(nobody) as relay, socket.create_connection(relay.address, LONG_SECONDS) as stream:
        assert stream.recv(1) == b""
