"""A way between two services that can be made worse: what stands in for a network on a machine that has none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Self

from plimsoll.stacks.processes.programs import LOOPBACK
from plimsoll.wait import pause

PIECE = 65_536
CONNECT_SECONDS = 5.0
POLL = 0.02
"""Seconds until whoever waits behind a way that was shut notices that it is not any more."""


class Relay:
    """Passes on what it is sent, at once unless it is told otherwise. Whoever is not there, nobody is connected to."""

    def __init__(self, there: tuple[str, int]) -> None:
        self._there = there
        self._delay = 0.0
        self._shut = False
        self._door = socket.create_server((LOOPBACK, 0))
        self._open = True

    def __enter__(self) -> Self:
        Thread(target=self._take, name="relay", daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open = self._shut = False
        with suppress(OSError), socket.create_connection(self._door.getsockname()):
            pass  # whoever waits for somebody to come notices
        self._door.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where it is asked."""
        host, port = self._door.getsockname()
        return host, port

    @contextmanager
    def shut(self) -> Iterator[str]:
        """While inside nothing is passed on, and no connection ends; afterwards everything is."""
        self._shut = True
        try:
            yield "a relay between them, in the place of a network, passes nothing on"
        finally:
            self._shut = False

    @contextmanager
    def slow(self, seconds: float) -> Iterator[str]:
        """While inside every piece is so many seconds late."""
        self._delay = seconds
        try:
            yield f"a relay between them, in the place of a network, is {seconds * 1000:.0f} ms late each way"
        finally:
            self._delay = 0.0

    def _take(self) -> None:
        while self._open:
            with suppress(OSError):
                here, _ = self._door.accept()
                Thread(target=self._join, args=(here,), daemon=True).start()

    def _join(self, here: socket.socket) -> None:
        """Both ways are passed on until either side ends."""
        with here:
            try:
                there = socket.create_connection(self._there, timeout=CONNECT_SECONDS)
            except OSError:
                return
            with there:
                there.settimeout(None)
                for each in (here, there):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = Thread(target=self._pass_on, args=(there, here), daemon=True)
                back.start()
                self._pass_on(here, there)
                back.join()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE):
                if self._delay:
                    pause(self._delay)
                while self._shut:
                    pause(POLL)
                other.sendall(piece)
        for each in (one, other):  # one that is gone is gone for both: neither of those protocols has half a connection
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
