"""How a port is asked to speak TLS, and whether it serves those who do not ask."""

from __future__ import annotations

import re
import socket

from plimsoll.probes.connection import Trouble, dial
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL: length 8, code 80877103 (PostgreSQL documentation, 55.7 Message Formats)."""

POSTGRES_VERSION = bytes.fromhex("00030000")
POSTGRES_ERROR, POSTGRES_AUTHENTICATION = b"E", b"R"
REFUSED_UNENCRYPTED = b"no encryption"
"""What PostgreSQL says where only hostssl lines of pg_hba.conf match; other errors may be about the user."""

STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
NOT_SERVED = frozenset({b"301", b"302", b"307", b"308", b"400", b"426", b"497"})
"""HTTP statuses that send a plain client to https or away: nginx answers 400, others redirect or ask to upgrade."""


class Declined(Trouble):
    """The server said, in its own protocol, that it speaks no TLS here."""


def begin_tls(raw: socket.socket, endpoint: Endpoint, deadline: Deadline) -> None:
    """The next byte may be TLS. Raises Declined when the server will have none, OSError when it says nothing."""
    if endpoint.scheme != "postgresql":
        return
    raw.settimeout(max(deadline.left, 0.001))
    raw.sendall(SSL_REQUEST)
    if (answer := raw.recv(1)) != b"S":
        raise Declined(f"the server answers a request for TLS with {answer!r}")


def serves_plaintext(
    endpoint: Endpoint, *, deadline: Deadline, source: str = "", user: str = "postgres"
) -> bool | None:
    """Whether the port serves a client that does not encrypt; None if it said nothing that tells."""
    try:
        raw, until = dial(endpoint.address, seconds=max(deadline.left, 0), source=source)
    except Trouble:
        return None
    with raw:
        try:
            raw.settimeout(max(until.left, 0.001))
            raw.sendall(_greeting(endpoint, user))
            return _served(endpoint.scheme, raw.recv(1024))
        except ConnectionError:
            return False
        except OSError:
            return None


def _greeting(endpoint: Endpoint, user: str) -> bytes:
    """What a client without encryption says first."""
    match endpoint.scheme:
        case "postgresql":
            body = POSTGRES_VERSION + b"user\0" + user.encode() + b"\0database\0" + user.encode() + b"\0\0"
            return (len(body) + 4).to_bytes(4, "big") + body
        case "redis" | "rediss":
            return b"PING\r\n"
        case _:
            host = endpoint.host.encode("ascii", "ignore")
            return b"HEAD / HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"


def _served(scheme: str, answer: bytes) -> bool | None:
    match scheme:
        case "postgresql":
            if answer[:1] == POSTGRES_ERROR:
                return None if REFUSED_UNENCRYPTED not in answer else False
            return answer[:1] == POSTGRES_AUTHENTICATION
        case "redis" | "rediss":
            return answer[:1] in (b"+", b"-")
        case _:
            status = STATUS_LINE.match(answer)
            return status is not None and status[1] not in NOT_SERVED
