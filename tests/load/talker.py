"""A server that says what a test writes down, byte by byte, connection by connection."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

CLOSE = None
"""In a script: the server closes there."""

Line = bytes | None | Callable[[bytes], bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Talker:
    """Answers the requests of its first connection with the first script, those of the second with the second.

    The last script serves all further connections. `heard` are the requests, each with its body.
    """

    scripts: Sequence[Sequence[Line]]
    context: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                sock = self._listening.accept()[0]
                script = self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                threading.Thread(target=self._talk, args=(sock, script), daemon=True).start()

    def _talk(self, plain: socket.socket, script: Sequence[Line]) -> None:
        with suppress(OSError), plain, self._spoken(plain) as sock:
            for line in script:
                if line is CLOSE:
                    return
                request = self._request(sock)
                if not request:
                    return
                self.heard.append(request)
                sock.sendall(line(request) if callable(line) else line)
            while sock.recv(65536):
                pass

    def _spoken(self, plain: socket.socket) -> socket.socket:
        return self.context.wrap_socket(plain, server_side=True) if self.context else plain

    @staticmethod
    def _request(sock: socket.socket) -> bytes:
        found = b""
        while b"\r\n\r\n" not in found:
            data = sock.recv(65536)
            if not data:
                return b""
            found += data
        head, _, body = found.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += sock.recv(65536)
        return head + b"\r\n\r\n" + body
