"""The first words of a client to PostgreSQL and Redis, which show whether they take anybody in yet."""

from __future__ import annotations

import socket
import struct

PROTOCOL = 3 << 16
"""PostgreSQL's protocol 3.0 (its manual, 55.2.1)."""

STARTING = b"57P03"
"""What PostgreSQL says while it starts, or recovers: cannot_connect_now (its manual, appendix A)."""

LOADING = b"-LOADING"
"""What Redis says while it reads its data."""

ENOUGH = 1024


def postgres_greets(stream: socket.socket, user: str) -> bool:
    """Whether PostgreSQL takes clients: it asks this one to prove itself, or has another reason to refuse it."""
    words = b"user\0" + user.encode() + b"\0database\0postgres\0\0"
    stream.sendall(struct.pack("!II", len(words) + 8, PROTOCOL) + words)
    said = stream.recv(ENOUGH)
    return bool(said) and STARTING not in said


def redis_greets(stream: socket.socket) -> bool:
    """Whether Redis takes clients: it answers this one, if only that it must prove itself."""
    stream.sendall(b"PING\r\n")
    said = stream.recv(ENOUGH)
    return bool(said) and not said.startswith(LOADING)
