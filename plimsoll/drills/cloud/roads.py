"""Ways to an object store that are not as they should be: slow ones, and one that ends at a store that is full."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from plimsoll.stacks.processes.programs import LOOPBACK
from plimsoll.wait import pause

DELAY = 0.05
"""Seconds that each piece takes: a road around the world and back, for every one of them."""

PIECE = 65_536
POLL = 0.02
"""Seconds until a server notices that it is to end."""

FULL = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its minimum free drive threshold. Please \
delete a few objects to proceed.</Message></Error>"""
"""What MinIO says when it has no space left; Amazon's S3 never is full."""


class SlowRoad:
    """Passes on what it is sent, piece by piece, each a little late. `asked` counts connections."""

    def __init__(self, endpoint: str, delay: float) -> None:
        there = urlsplit(endpoint)
        self.delay = delay
        self.asked = 0
        self._there = (there.hostname or LOOPBACK, there.port or 80)
        self._door = socket.create_server((LOOPBACK, 0))
        self._open = True
        Thread(target=self._take, name="slow road", daemon=True).start()

    @property
    def url(self) -> str:
        """Where the road begins."""
        return f"http://{LOOPBACK}:{self._door.getsockname()[1]}"

    def close(self) -> None:
        """Nobody is let in any more."""
        self._open = False
        with suppress(OSError), socket.create_connection(self._door.getsockname()):
            pass  # whoever waits for somebody to come notices
        self._door.close()

    def _take(self) -> None:
        while self._open:
            with suppress(OSError):
                here, _ = self._door.accept()
                if not self._open:
                    here.close()
                    return
                self.asked += 1
                there = socket.create_connection(self._there)
                for one, other in ((here, there), (there, here)):
                    Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one:
            while piece := one.recv(PIECE):
                pause(self.delay)
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def slow_road(endpoint: str, *, delay: float = DELAY) -> Iterator[SlowRoad]:
    """A way to that endpoint on which every piece takes so many seconds."""
    road = SlowRoad(endpoint, delay)
    try:
        yield road
    finally:
        road.close()


class FullStore(ThreadingHTTPServer):
    """An S3 API whose disks are full: nothing can be put there, and nothing is there. `asked` counts requests."""

    daemon_threads = True
    asked = 0

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"


class _Refusing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _refuse(self) -> None:
        assert isinstance(self.server, FullStore)  # noqa: S101 - it is made below
        self.server.asked += 1
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0 and (piece := self.rfile.read(min(left, PIECE))):
            left -= len(piece)
        body = FULL.encode()
        self.send_response(507)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    do_PUT = do_POST = do_GET = _refuse  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Nobody reads what it is asked."""


@contextmanager
def full_store() -> Iterator[FullStore]:
    """A store without any space."""
    store = FullStore((LOOPBACK, 0), _Refusing)
    thread = Thread(target=store.serve_forever, args=(POLL,), name="full store", daemon=True)
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        store.server_close()
        thread.join()
