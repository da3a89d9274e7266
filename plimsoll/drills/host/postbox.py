"""Where announcements of backups arrive: a webhook on loopback that keeps what it is sent."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

LARGEST = 65_536
"""Bytes of one announcement that are kept; Slack takes 40 000 characters."""

POLL = 0.02
"""Seconds until the server notices that it is to end."""


class _Box(ThreadingHTTPServer):
    daemon_threads = True
    letters: list[str]


class _Slot(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """The body is kept before it is acknowledged: whoever was told so may rely on it."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, LARGEST)).decode("utf-8", errors="replace")
        assert isinstance(self.server, _Box)  # noqa: S101 - it is made below
        self.server.letters.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nobody reads over the postman's shoulder."""


class Postbox:
    """While entered, what is posted to `url` is kept in `letters`, in the order of arrival."""

    def __init__(self) -> None:
        self._box = _Box(("127.0.0.1", 0), _Slot)
        self._box.letters = []
        self._thread = Thread(target=self._box.serve_forever, args=(POLL,), name="postbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._box.shutdown()
        self._box.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self._box.server_address[1]}/announcements"

    @property
    def letters(self) -> tuple[str, ...]:
        """All that arrived."""
        return tuple(self._box.letters)

    def since(self, count: int) -> tuple[str, ...]:
        """What arrived after so many letters."""
        return self.letters[count:]
