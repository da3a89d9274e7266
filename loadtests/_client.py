"""One request, one answer or one trouble: the client of every journey."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic_ns

from loadtests._connections import CUT, SECOND, Broken, Connection
from loadtests._lobby import Lobby
from plimsoll.observations.load import Target

AGENT = "plimsoll-load"
REDIRECTS = range(300, 400)
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
"""What may be sent again by itself when a connection that was kept open turns out to be closed (RFC 9110, 9.2.2)."""


@dataclass(slots=True)
class Answer:
    """What came of one request. `sent` and `ended` are moments; `trouble` is a class of failure, "" for an answer."""

    sent: int
    ended: int
    status: int = 0
    size: int = 0
    body: bytes = b""
    cookies: list[bytes] | None = None
    location: str = ""
    trouble: str = ""
    detail: str = ""


class Client:
    """Asks one target over connections that are kept open, in the greenlet of whoever asks."""

    def __init__(self, target: Target, *, seconds: float) -> None:
        self.target = target
        self.lobby = Lobby(target, seconds=seconds)
        self.under_way = self.renewed = 0
        self._patience = int(seconds * SECOND)
        self._host = f"Host: {target.named}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n"

    def written(self, method: str, path: str, body: bytes = b"", fields: str = "") -> bytes:
        """A request as it is sent; `fields` are further lines, each with its end."""
        if body or method in {"POST", "PUT", "PATCH"}:
            fields += f"Content-Length: {len(body)}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{self._host}{fields}\r\n".encode("latin-1", "replace") + body

    def ask(self, method: str, data: bytes, *, source: str = "", owner: Hashable = None, body: bool = False) -> Answer:
        """The answer to a request that `written` made, from that address. Whatever the server does, nothing raises.

        Connections are kept open for their `owner`: a user, or without one whoever comes from the same address.
        """
        self.under_way += 1
        try:
            return self._ask(method, data, source, source if owner is None else owner, body)
        finally:
            self.under_way -= 1

    def _ask(self, method: str, data: bytes, source: str, owner: Hashable, wanted: bool) -> Answer:
        lobby, sent = self.lobby, monotonic_ns()
        deadline = sent + self._patience
        connection = lobby.idle(owner)
        while True:
            kept = connection is not None
            if connection is None:
                try:
                    connection = lobby.connect(source, deadline, owner)
                except Broken as broken:
                    return Answer(sent, monotonic_ns(), trouble=broken.trouble, detail=broken.detail)
            connection.exchange(data, head=method == "HEAD", body=wanted, deadline=deadline)
            if not (kept and self._lost(connection, method)):
                break
            self.renewed += 1
            connection = None
        answer = Answer(
            sent,
            connection.ended,
            connection.status,
            connection.size,
            connection.body if wanted else b"",
            connection.cookies or None,
            b"".join(connection.fields(b"location")[:1]).decode("latin-1") if connection.status in REDIRECTS else "",
            connection.trouble,
            connection.detail,
        )
        lobby.give_back(connection)
        return answer

    def _lost(self, connection: Connection, method: str) -> bool:
        """Whether a kept connection was closed before it was used: then nobody has taken the request."""
        return connection.trouble == CUT and not connection.heard and (method in IDEMPOTENT or connection.unsent)

    def close(self) -> None:
        """Nothing is kept open."""
        self.lobby.close()
