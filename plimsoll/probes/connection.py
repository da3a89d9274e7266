"""A byte stream to one endpoint, over TCP or TLS; its deadline covers connecting, handshake, sending, receiving."""

from __future__ import annotations

import functools
import re
import select
import socket
import ssl
from pathlib import Path
from typing import Self

from plimsoll.errors import CouldNotLook
from plimsoll.observations.http import REFUSED
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

READ_SIZE = 64 * 1024
"""Bytes asked for in one read: four TLS records, so that a page takes one call."""

REST_OF_STATUS_LINE = re.compile(rb"\d\.\d \d{3}")
"""What follows b"HTTP/", the five bytes that the TLS library took for the head of a record."""

SPEAKS_HTTP = "the server speaks plain HTTP on this TLS port"


class Trouble(CouldNotLook):
    """No usable answer; the text says why in plain words."""


class Closed(Trouble):
    """The server closed or reset the connection before its answer was complete."""


@functools.cache
def trust(authority: Path | None, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """The context that trusts this authority alone (None: the system's) and checks names; built once each."""
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise CouldNotLook(f"the authority to trust, {authority}, cannot be read: {reason_of(error)}") from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 began to demand extensions that browsers do not
    context.set_alpn_protocols(list(alpn))
    return context


def dial(
    address: tuple[str, int], *, seconds: float, source: str = "", receive_buffer: int = 0
) -> tuple[socket.socket, Deadline]:
    """A connected socket and its deadline, which starts once the name is resolved. Raises Trouble."""
    host, port = address
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Trouble(f"no address is known for {host}: {reason_of(error)}") from error
    deadline = Deadline.after(seconds)
    trouble = Trouble(f"no address is known for {host}")
    for family, kind, protocol, _, place in found:
        stream = socket.socket(family, kind, protocol)
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if receive_buffer:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if source:
                stream.bind((source, 0))
            stream.settimeout(max(deadline.left, 0.001))
            stream.connect(place)
        except OSError as error:
            stream.close()
            trouble = Trouble(_why_not_connected(error, where=f"{host}:{port}", seconds=seconds, source=source))
        else:
            return stream, deadline
    raise trouble


class Connection:
    """One open stream to an endpoint. `send` and `receive` raise OSError; TimeoutError once the deadline passed."""

    def __init__(self, endpoint: Endpoint, *, seconds: float, source: str = "", receive_buffer: int = 0) -> None:
        self.where = "{}:{}".format(*endpoint.address)
        self.seconds = seconds
        self._stream, self.deadline = dial(
            endpoint.address, seconds=seconds, source=source, receive_buffer=receive_buffer
        )
        if endpoint.scheme in {"https", "wss", "rediss"}:
            self._encrypt(endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def renew(self, seconds: float) -> None:
        """The deadline is that many seconds from now: for the next exchange on a kept connection."""
        self.seconds, self.deadline = seconds, Deadline.after(seconds)

    def send(self, data: bytes) -> None:
        """Every byte was handed over."""
        rest = memoryview(data)
        while rest:
            self._arm()
            rest = rest[self._stream.send(rest) :]

    def receive(self, size: int = READ_SIZE) -> bytes:
        """The next bytes; none once the server closed."""
        self._arm()
        return self._stream.recv(size)

    @property
    def abandoned(self) -> bool:
        """Whether the server has spoken unasked, or ended: no further request should go out on it."""
        readable, _, _ = select.select([self._stream], [], [], 0)
        return bool(readable)

    def close(self) -> None:
        """The stream is closed, without waiting for the server's farewell."""
        self._stream.close()

    def _arm(self) -> None:
        left = self.deadline.left
        if left <= 0:
            raise TimeoutError
        self._stream.settimeout(left)

    def _encrypt(self, endpoint: Endpoint, alpn: tuple[str, ...] = ("http/1.1",)) -> None:
        """The stream speaks TLS, and the certificate was checked; else it is closed and Trouble raised."""
        try:
            stream = trust(endpoint.authority, alpn).wrap_socket(
                self._stream, server_hostname=endpoint.host, do_handshake_on_connect=False
            )
            self._stream = stream
            self._arm()
            stream.do_handshake()
        except (OSError, ValueError) as error:
            why = _why_no_handshake(error, where=self.where, seconds=self.seconds)
            if spoke_http(error, self._stream):
                why = SPEAKS_HTTP
            self.close()
            raise Trouble(why) from error
        except CouldNotLook:
            self.close()
            raise


def host_header(endpoint: Endpoint) -> str:
    """The host, and the port unless it is the scheme's own (RFC 9110, 7.2)."""
    return endpoint.url("").partition("://")[2]


def reason_of(error: Exception) -> str:
    """What the system says of an error, without numbers and file names."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).lower() or type(error).__name__


def _why_not_connected(error: OSError, *, where: str, seconds: float, source: str) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"{REFUSED} by {where}"
    if isinstance(error, TimeoutError):
        return f"no connection to {where} within {seconds:.3g} s"
    return f"no connection to {where}{f' from {source}' if source else ''}: {reason_of(error)}"


def _why_no_handshake(error: Exception, *, where: str, seconds: float) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted: {error.verify_message}"
        case TimeoutError():
            return f"no TLS handshake with {where} within {seconds:.3g} s"
        case ConnectionResetError() | BrokenPipeError():
            return f"connection reset by {where} during the TLS handshake"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return f"{where} closed the connection during the TLS handshake"
        case _:
            return f"no TLS handshake with {where}: {reason_of(error)}"


def spoke_http(error: Exception, stream: socket.socket) -> bool:
    """Whether what the TLS library could not read goes on like an HTTP status line. It took the first five bytes."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLCertVerificationError):
        return False
    try:
        stream.settimeout(0)
        rest = socket.socket.recv(stream, 16, socket.MSG_PEEK)  # below TLS, on the very same descriptor
    except OSError:
        return False
    return REST_OF_STATUS_LINE.match(rest) is not None
