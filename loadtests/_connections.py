"""Connections of HTTP/1.1 in gevent's loop: an answer is read where it arrives, and its asker woken at its end."""

from __future__ import annotations

import ssl
from collections.abc import Hashable
from time import monotonic_ns
from typing import Protocol

import httptools
from gevent import getcurrent, socket
from gevent.hub import Hub, get_hub

READ = 1
CHUNK = 65_536
HEAD_LIMIT = 65_536
"""Bytes of one answer's head; servers and proxies allow 4 to 64 KiB."""

BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of one body: more than that is no answer of a page or an API."""

SECOND = 1_000_000_000
REFUSED, TIMED_OUT, CUT, TLS, DNS, GARBAGE, EXHAUSTED = (
    "refused", "timed out", "cut", "tls", "dns", "garbage", "out of sockets",
)  # fmt: skip
"""What can go wrong with an exchange; the last is this machine's own fault."""

INTERIM = range(100, 200)
SWITCHING = 101


class Broken(Exception):
    """An exchange that did not come about: of which class, and in which words."""

    def __init__(self, trouble: str, detail: str) -> None:
        super().__init__(f"{trouble}: {detail}" if detail else trouble)
        self.trouble = trouble
        self.detail = detail


class Watching(Protocol):
    """Who keeps an eye on a connection: until its answers are due, and whether it is still open."""

    def watch(self, deadline: int, connection: Connection) -> None:
        """The exchange under way on the connection ends at that moment at the latest."""

    def left(self) -> None:
        """One connection fewer."""


class Connection:
    """One connection, and the answer that is being read from it. It is its parser's protocol, too.

    It is used for its `owner` alone. After `exchange`, `trouble` says what went wrong ("" for nothing) and `reusable`
    whether another request may follow.
    """

    __slots__ = (
        "_answered", "_chunks", "_head", "_headed", "_heading", "_hub", "_lobby", "_parser", "_raw", "_sending",
        "_socket", "_surplus", "_waiter", "_watcher", "body_wanted", "closed", "detail", "ended", "heard", "owner",
        "reusable", "serial", "size", "status", "trouble", "unsent",
    )  # fmt: skip

    def __init__(self, lobby: Watching, sock: socket.socket, owner: Hashable) -> None:
        self._hub: Hub = get_hub()
        self._lobby = lobby
        self._socket = sock
        self._raw = sock._sock  # noqa: SLF001 - the plain socket, without a greenlet switch of gevent's per call
        self._parser = httptools.HttpResponseParser(self)
        self._waiter = None
        self._head = self._sending = False
        self.owner = owner
        self.closed = self.reusable = self.unsent = False
        self.serial = 0
        self._renew()
        self._watcher = self._hub.loop.io(sock.fileno(), READ)

    def _renew(self) -> None:
        self._answered = self._headed = self._surplus = self.heard = self.unsent = False
        self.size = self.status = self.ended = 0
        self._chunks: list[bytes] = []
        self._heading = b""
        self.trouble = self.detail = ""
        self.body_wanted = False

    def watch(self) -> None:
        """From now on what arrives is read where it arrives: also the end of a connection that nobody uses."""
        self._watcher.start(self._readable)

    def exchange(self, data: bytes, *, head: bool, body: bool, deadline: int) -> None:
        """The request was sent, and its answer came, or trouble. `deadline` is a moment, `head` a HEAD request."""
        self._renew()
        self._head, self.body_wanted = head, body
        self.serial += 1
        self._waiter = getcurrent()
        self._lobby.watch(deadline, self)
        try:
            if self.send(data):
                self._hub.switch()
        except BaseException:
            self._waiter = None
            self.close()
            raise
        self._waiter = None

    @property
    def body(self) -> bytes:
        """The body, if it was wanted."""
        return b"".join(self._chunks)

    def fields(self, name: bytes) -> list[bytes]:
        """The values of a field of the answer's head. It is read again, as hardly anybody asks."""
        for head in self._heading.split(b"\r\n\r\n"):
            if not head.startswith(b"HTTP/1.1 1"):  # an interim one
                lines = [line.partition(b":") for line in head.split(b"\r\n")]
                return [value.strip() for field, _, value in lines if field.lower() == name]
        return []

    @property
    def cookies(self) -> list[bytes]:
        """What Set-Cookie says."""
        heading = self._heading
        return self.fields(b"set-cookie") if b"ookie" in heading or b"OOKIE" in heading else []

    def send(self, data: bytes) -> bool:
        """Whether all of it was handed to the kernel; if not, the trouble is told."""
        try:
            sent = self._raw.send(data)
            if sent < len(data):
                self._send_rest(data[sent:])
        except BlockingIOError:
            return self._send_rest(data)
        except OSError as error:
            self.unsent = True
            self._end(CUT, error.strerror or str(error))
            return False
        return not self.closed

    def _send_rest(self, data: bytes) -> bool:
        """What the kernel had no room for; an answer that comes before all is sent ends it, as the deadline does."""
        self._sending = True
        try:
            self._socket.settimeout(None)
            self._socket.sendall(data)
        except OSError as error:
            if not self.closed:  # else it was one of those two, and is told
                self._end(CUT, error.strerror or str(error))
        finally:
            self._sending = False
        return not (self._answered or self.closed)

    def receive(self) -> bytes:
        """What has arrived, b"" at the end. Raises BlockingIOError."""
        data: bytes = self._raw.recv(CHUNK)
        return data

    def _readable(self) -> None:
        try:
            data = self.receive()
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return
        except OSError as error:
            self._end(CUT, error.strerror or str(error))
            return
        if not data:
            self._over()
            return
        if self.serial == 0 or self._answered:  # nobody asked
            self.close()
            return
        self.heard = True
        if not self._headed:
            self._heading += data
        self._read(data)

    def _read(self, data: bytes) -> None:
        """What arrived belongs to the answer that is waited for."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._surplus = self._answered = True
        except httptools.HttpParserError as error:
            if not (self._answered and self._head):
                self._end(GARBAGE, str(error))
                return
            self._surplus = True
        if self._answered:
            self._complete()
        elif not self._headed and len(self._heading) > HEAD_LIMIT:
            self._end(GARBAGE, f"a head of more than {HEAD_LIMIT} bytes")
        elif self.size > BODY_LIMIT:
            self._end(GARBAGE, f"a body of more than {BODY_LIMIT} bytes")

    def on_message_begin(self) -> None:
        """One more answer begins: after the one that was asked for it is one too many."""
        if self._answered:
            self._surplus = True

    def on_headers_complete(self) -> None:
        """The head is whole; that of an answer to HEAD is all of it (RFC 9110, 9.3.2)."""
        if self._answered:
            return
        self.status = self._parser.get_status_code()
        if self.status not in INTERIM or self.status == SWITCHING:
            self._headed = True
            if self._head:
                self._answered = True
                self.reusable = self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        if self._answered:
            self._surplus = True
            return
        self.size += len(data)
        if self.body_wanted:
            self._chunks.append(data)

    def on_message_complete(self) -> None:
        """The answer is whole; an interim one (100, 103) comes before it (RFC 9110, 15.2)."""
        if self._headed and not self._answered:
            self._answered = True
            self.reusable = self._parser.should_keep_alive()

    def _complete(self) -> None:
        if self._surplus:
            self.reusable = False
        if self._sending:  # what is not sent yet, nobody wants (RFC 9112, 9.5)
            self.close()
        if self._head:  # the parser still waits for a body
            self._parser = httptools.HttpResponseParser(self)
        self._wake()

    def _over(self) -> None:
        """The server closed: that is the end of a body that has no length (RFC 9112, 6.3), and else cuts the answer."""
        if self.serial == 0 or self._answered:
            self.close()
        elif self._headed and not (self.fields(b"content-length") or self.fields(b"transfer-encoding")):
            self._answered, self.reusable = True, False
            self._wake()
            self.close()
        else:
            self._end(CUT, "closed in the middle of its answer" if self.heard else "closed without an answer")

    def _end(self, trouble: str, detail: str) -> None:
        self.trouble, self.detail, self.reusable = trouble, detail, False
        self.close()
        self._wake()

    def asks(self, serial: int) -> bool:
        """Whether that exchange is still under way."""
        return self.serial == serial and self._waiter is not None and not self._answered

    def expire(self, serial: int) -> None:
        """The deadline of that exchange has passed."""
        if self.asks(serial):
            self._end(TIMED_OUT, "")

    def _wake(self) -> None:
        self.ended = monotonic_ns()
        waiter, self._waiter = self._waiter, None
        if waiter is not None and waiter is not getcurrent() and not self._sending:
            waiter.switch()

    def close(self) -> None:
        """The connection is gone."""
        if not self.closed:
            self.closed, self.reusable = True, False
            self._watcher.stop()
            self._watcher.close()
            self._socket.close()
            self._lobby.left()
