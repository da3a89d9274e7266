"""A key to be fetched: a little server of the forger's, which tells whether anybody came for it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 2.0
"""Seconds a visitor of the little server may take: whoever fetches a key asks at once."""


class Lure(ThreadingHTTPServer):
    """Serves one document under any path and remembers having been asked."""

    daemon_threads = True

    def __init__(self, address: str, document: object) -> None:
        self.document = json.dumps(document).encode()
        self.asked = False
        super().__init__((address, 0), _Handler)

    @property
    def url(self) -> str:
        """Where the document is."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: Lure

    def do_GET(self) -> None:
        """The document."""
        self.server.asked = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.document)))
        self.end_headers()
        self.wfile.write(self.server.document)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the parameter's name is the library's
        """Nothing is written down: a visit is remembered, and that is all."""


@contextmanager
def lure(near: tuple[str, int], document: object) -> Iterator[Lure]:
    """The document is served at the address that whoever listens at `near` sees us at, until the context is left.

    Raises OSError where no such address is known.
    """
    with socket.socket(socket.AF_INET6 if ":" in near[0] else socket.AF_INET, socket.SOCK_DGRAM) as route:
        route.connect(near)  # a datagram socket sends nothing by this; it only learns which way it would send
        address = route.getsockname()[0]
    with Lure(address, document) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
