"""What a TLS server answers to a hello, as far as it is not encrypted; read piece by piece, whatever comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plimsoll.probes.tls.hello import DEFLATE, KEY_SHARE, SESSION_TICKET, SUPPORTED_VERSIONS
from plimsoll.probes.tls.suites import GROUPS, SUITES, VERSION_NUMBERS

CHANGE_CIPHER, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
"""Types of records (RFC 8446, 5.1)."""

MAJOR = b"\x03"
"""The first half of every version since SSL 3.0."""

SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, DONE, STATUS = 2, 11, 12, 14, 22
"""Types of messages (RFC 5246, 7.4; the status is an OCSP answer: RFC 6066, 8)."""

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a HelloRetryRequest: SHA-256 of that word (RFC 8446, 4.1.3)."""

HEADER, LARGEST_RECORD, LARGEST_FLIGHT = 5, 2**14 + 2048, 256 * 1024
"""Bytes: a record's header, its largest body (RFC 5246, 6.2.3), and far more than any chain needs."""

NAMED_CURVE = 3
"""The curve type of a ServerKeyExchange that names its group (RFC 8422, 5.4)."""

WARNING, CLOSE_NOTIFY = 1, 0
ALERTS = {
    0: "close notify",
    10: "unexpected message",
    20: "bad record MAC",
    40: "handshake failure",
    42: "bad certificate",
    47: "illegal parameter",
    50: "decode error",
    70: "protocol version",
    71: "insufficient security",
    80: "internal error",
    86: "inappropriate fallback",
    90: "user canceled",
    109: "missing extension",
    110: "unsupported extension",
    112: "unrecognized name",
    116: "certificate required",
    120: "no application protocol",
}
"""What alerts are called (IANA, TLS Alerts)."""

BY_NUMBER = {number: name for name, number in VERSION_NUMBERS.items()}


class Strange(ValueError):
    """What came is not TLS; the text says how it began or what was wrong."""


@dataclass(slots=True)
class Flight:
    """What has come so far. `alert` is the number of one that ended it; `over` when nothing more can be told."""

    version: str = ""
    suite: str = ""
    group: str = ""
    compressed: bool = False
    session: bool = False
    stapled: bool = False
    extensions: frozenset[int] = frozenset()
    certificates: tuple[bytes, ...] = ()
    alert: int | None = None
    over: bool = False
    _pending: bytearray = field(default_factory=bytearray)
    _messages: bytearray = field(default_factory=bytearray)
    _size: int = 0

    def feed(self, data: bytes) -> None:
        """Takes the next bytes. Raises Strange for what is no TLS, or too much of it."""
        self._pending += data
        self._size += len(data)
        if self._size > LARGEST_FLIGHT:
            raise Strange(f"more than {LARGEST_FLIGHT} bytes of handshake")
        for kind, body in self._records():
            if kind == ALERT:
                self._alerted(body)
            elif kind == HANDSHAKE:
                self._messages += body
                self._read_messages()
            else:
                self.over = True  # encrypted from here on
            if self.over:
                return

    def _records(self) -> Iterator[tuple[int, bytes]]:
        """The records that are complete."""
        while self._pending:
            kind, length = self._pending[0], int.from_bytes(self._pending[3:HEADER], "big")
            if kind not in range(CHANGE_CIPHER, APPLICATION + 1) or bytes(self._pending[1:2]) not in (b"", MAJOR):
                raise Strange(f"the answer began with {bytes(self._pending[:16])!r}")
            if len(self._pending) < HEADER:
                return
            if length > LARGEST_RECORD or not length:
                raise Strange(f"a record of {length} bytes")
            if len(self._pending) < HEADER + length:
                return
            body = bytes(self._pending[HEADER : HEADER + length])
            del self._pending[: HEADER + length]
            yield kind, body

    def _alerted(self, body: bytes) -> None:
        level, number = (*body, 0, 0)[:2]
        if level != WARNING or number == CLOSE_NOTIFY:
            self.alert, self.over = number, True

    def _read_messages(self) -> None:
        while len(self._messages) >= 4:  # noqa: PLR2004 - a message's type and its length in three bytes
            length = int.from_bytes(self._messages[1:4], "big")
            if length > LARGEST_FLIGHT:
                raise Strange(f"a message of {length} bytes")
            if len(self._messages) < 4 + length:
                return
            kind, body = self._messages[0], Reader(bytes(self._messages[4 : 4 + length]))
            del self._messages[: 4 + length]
            self._read(kind, body)

    def _read(self, kind: int, body: Reader) -> None:
        if not self.version and kind != SERVER_HELLO:
            raise Strange(f"a message of type {kind} before any hello")
        if kind == SERVER_HELLO:
            self._hello(body)
        elif kind == CERTIFICATE:
            chain = Reader(body.sized(3))
            self.certificates = tuple(iter(lambda: chain.sized(3) if chain.left else b"", b""))
        elif kind == KEY_EXCHANGE:
            self.group = self._exchanged(body)
        elif kind == STATUS:
            self.stapled = True
        elif kind == DONE:
            self.over = True

    def _hello(self, body: Reader) -> None:
        number, random = body.number(2), body.take(32)
        self.session = bool(body.sized(1))
        suite, self.compressed = body.number(2), body.number(1) == DEFLATE
        extensions = dict(_extensions(Reader(body.sized(2)))) if body.left else {}
        if SUPPORTED_VERSIONS in extensions:
            number = int.from_bytes(extensions[SUPPORTED_VERSIONS], "big")
        if len(share := extensions.get(KEY_SHARE, b"")) >= 2:  # noqa: PLR2004 - a group's number
            chosen = int.from_bytes(share[:2], "big")
            self.group = GROUPS.get(chosen, f"group {chosen:#06x}")
        self.version = BY_NUMBER.get(number, f"version {number:#06x}")
        self.suite = SUITES.get(suite, f"suite {suite:#06x}")
        self.extensions = frozenset(extensions)
        self.over = self.over or random == RETRY or self.version == "TLSv1.3"

    def _exchanged(self, body: Reader) -> str:
        """The group of a key exchange: its name, or the size of its prime."""
        if "ECDH" in self.suite:
            return GROUPS.get(body.number(2), "an unknown group") if body.number(1) == NAMED_CURVE else "explicit curve"
        if self.suite.startswith(("DHE", "ADH", "EDH")) and "PSK" not in self.suite:
            return f"DH {int.from_bytes(body.sized(2), 'big').bit_length()}"
        return ""

    @property
    def tickets(self) -> bool:
        """Whether the server said that it hands out session tickets."""
        return SESSION_TICKET in self.extensions


@dataclass(slots=True)
class Reader:
    """Bytes taken one after the other; Strange when there are fewer than their own lengths claim."""

    data: bytes
    at: int = 0

    @property
    def left(self) -> int:
        """How many are left."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """The next ones."""
        if self.left < count:
            raise Strange("a message shorter than it says")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int) -> int:
        """The next ones as a number."""
        return int.from_bytes(self.take(width), "big")

    def sized(self, width: int) -> bytes:
        """As many as the number before them says."""
        return self.take(self.number(width))


def _extensions(reader: Reader) -> Iterator[tuple[int, bytes]]:
    while reader.left:
        yield reader.number(2), reader.sized(2)
