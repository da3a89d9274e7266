"""Replicas of a small application, each of which counts its answers and holds WebSockets open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><title>The site</title>" + b"<p>One more line of it.</p>" * 40
METRICS = """# TYPE http_requests_total counter
http_requests_total{{route="/"}} {}
http_requests_total{{route="/metrics"}} 7
"""


class Replica(ThreadingHTTPServer):
    """One replica on a free port of loopback; `served` is how many requests it answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.served = 0
        self.stopping = threading.Event()
        self._thread = threading.Thread()

    def live(self) -> None:
        """It serves, from another thread."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def die(self) -> None:
        """It serves no more; connections that are open end."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()

    def close_port(self) -> None:
        """Its port refuses."""
        self.die()
        self.socket.close()

    def open_port(self) -> None:
        """It serves again at the same port."""
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.stopping.clear()
        self.server_bind()
        self.server_activate()
        self.live()


class Answers(BaseHTTPRequestHandler):
    """The page for everything but what is missing or private, and figures."""

    protocol_version = "HTTP/1.1"
    server: Replica

    def do_GET(self) -> None:
        """One answer, or an upgrade that lasts until the server stops."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path == "/ws":
            self.send_response_only(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.server.stopping.wait()
            return
        if path == "/metrics":
            self._say(200, METRICS.format(self.server.served).encode())
            return
        self.server.served += 1
        status = {"/missing": 404, "/mine": 401}.get(path, 200)
        self._say(status, PAGE if status == 200 else b"no")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server's own names

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def replicas(count: int) -> Iterator[list[Replica]]:
    """So many of them, until left."""
    with ExitStack() as closing:
        servers = [closing.enter_context(Replica()) for _ in range(count)]
        for server in servers:
            server.live()
            closing.callback(server.die)
        yield servers
