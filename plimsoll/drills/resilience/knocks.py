"""Whether somebody is at home at a service's port: what a client notices of one that is dead, or stands still."""

from __future__ import annotations

import socket
import struct

from plimsoll.stacks.protocol import Endpoint

REFUSED, SILENT, ANSWERS = "refuses connections", "accepts connections, and says nothing", "answers"
SECONDS = 0.4
"""How long somebody may take to say anything at all; a service on this machine takes a few milliseconds."""

GREETING = b"GET / HTTP/1.0\r\n\r\n"
"""Whoever speaks HTTP, RESP or TLS says something to this, if only that it is wrong."""

OF_POSTGRES = struct.pack("!ii", 8, 80877103)
"""SSLRequest: a PostgreSQL server says S or N (PostgreSQL 15 manual, 55.7)."""


def greeting(scheme: str) -> bytes:
    """What somebody who speaks that protocol has an answer to."""
    return OF_POSTGRES if scheme == "postgresql" else GREETING


def knock(endpoint: Endpoint, *, seconds: float = SECONDS) -> str:
    """What comes of a connection to that endpoint."""
    try:
        with socket.create_connection(endpoint.address, timeout=seconds) as stream:
            stream.sendall(greeting(endpoint.scheme))
            stream.recv(1)
    except TimeoutError:
        return SILENT
    except OSError:
        return REFUSED
    return ANSWERS
