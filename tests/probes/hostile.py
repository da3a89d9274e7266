"""Servers that misbehave, each in one way: plain threads and sockets on 127.0.0.1."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\n"
DRIP = 0.1
"""Seconds between two bytes of a server that drips: a tenth of the shortest deadline in these tests."""

BOMB = 16 * 1024 * 1024
"""Bytes that the gzip bomb would become."""

Talk = Callable[[socket.socket, threading.Event], None]
"""What a server does with one connection; the event tells it to stop."""


@dataclass(slots=True)
class Server:
    """A running server: where it listens, and every request it has read."""

    address: tuple[str, int]
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def serving(talk: Talk, *, tls: ssl.SSLContext | None = None, greet: bool = False) -> Iterator[Server]:
    """A server that talks like this to everyone, after reading a request, or at once if it is to `greet`."""
    stop, threads = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(address=listener.getsockname())

        def attend(stream: socket.socket) -> None:
            with suppress(OSError), stream:
                stream.settimeout(5)  # a test that forgot a client must not hang
                channel = tls.wrap_socket(stream, server_side=True) if tls else stream
                with channel:
                    if not greet:
                        server.requests.append(_request(channel))
                    talk(channel, stop)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    stream, _ = listener.accept()
                    if stop.is_set():
                        stream.close()
                        return
                    threads.append(threading.Thread(target=attend, args=(stream,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            stop.set()
            socket.create_connection(server.address).close()
            accepting.join()
            for thread in threads:
                thread.join()


@contextmanager
def nobody() -> Iterator[Server]:
    """A port that is taken, and nothing listens on it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Server(address=bound.getsockname())


@contextmanager
def swamped() -> Iterator[Server]:
    """A port whose queue of waiting connections is full: a further one gets no answer at all."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield Server(address=listener.getsockname())


def says(answer: bytes) -> Talk:
    """A server that says this and closes."""

    def talk(stream: socket.socket, _: threading.Event) -> None:
        stream.sendall(answer)

    return talk


def says_nothing(_: socket.socket, stop: threading.Event) -> None:
    """The tarpit: accepts, reads, and never answers."""
    stop.wait()


def resets(stream: socket.socket, _: threading.Event) -> None:
    """The connection is reset."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def holds(answer: bytes) -> Talk:
    """A server that says this and keeps the connection open."""

    def talk(stream: socket.socket, stop: threading.Event) -> None:
        stream.sendall(answer)
        stop.wait()

    return talk


def refuses_body(stream: socket.socket, _: threading.Event) -> None:
    """An early 413; what comes is thrown away until the client has gone."""
    stream.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    stream.shutdown(socket.SHUT_WR)
    while stream.recv(65536):
        pass


def drips(beginning: bytes) -> Talk:
    """A server that begins so and goes on one byte at a time."""

    def talk(stream: socket.socket, stop: threading.Event) -> None:
        stream.sendall(beginning)
        while True:
            stream.sendall(b"a")
            if stop.wait(DRIP):
                return

    return talk


def repeats(beginning: bytes, more: bytes) -> Talk:
    """A server that begins so and goes on like that for ever."""

    def talk(stream: socket.socket, stop: threading.Event) -> None:
        stream.sendall(beginning)
        while not stop.is_set():
            stream.sendall(more)

    return talk


endless_headers = repeats(OK, b"X-More: and more\r\n" * 100)
endless_body = repeats(OK + b"\r\n", b"more " * 1000)
endless_chunks = repeats(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1388\r\n" + b"more " * 1000 + b"\r\n")
interim_flood = repeats(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)
tls_garbage = says(bytes(range(128, 256)) * 4)
http_0_9 = says(b"<html>hello</html>")
invalid_utf_8 = says(OK + b"X-Odd: \xff\xfe\xc3\r\nContent-Length: 3\r\n\r\n\xff\xfe\xc3")
long_header = says(OK + b"X-Long: " + b"a" * 1024 * 1024 + b"\r\n\r\n")
header_cut_short = says(OK + b"X-Half: ")
body_cut_short = says(OK + b"Content-Length: 10\r\n\r\nhello")
illegal_header = says(OK + b"no colon here\r\n\r\n")
plain_bad_request = says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
redirect_loop = says(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
redirect_elsewhere = says(b"HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n")
stalls_in_body = holds(OK + b"Content-Length: 10\r\n\r\nhello")
closes_politely = says(OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
_bomb = gzip.compress(bytes(BOMB), compresslevel=1)
gzip_bomb = says(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_bomb) + _bomb)
slow_header = drips(OK + b"X-Slow: ")
slow_body = drips(OK + b"\r\n")


def _request(stream: socket.socket) -> bytes:
    """What came up to the end of a header, or of whatever a client of another protocol says first."""
    came = stream.recv(65536)
    while came.startswith((b"GET", b"HEAD", b"POST")) and b"\r\n\r\n" not in came:
        more = stream.recv(65536)
        if not more:
            break
        came += more
    return came
