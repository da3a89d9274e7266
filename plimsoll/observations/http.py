"""What HTTP requests and WebSockets got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

REFUSED = "connection refused"
"""How the trouble of an exchange begins whose port nobody listens on."""

LONGEST_URL = 200
"""Characters of a URL that messages show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange:
    """One request and what came back. `trouble` says why there was no usable answer; then `status` is None.

    `kind` is the path class asked for (page, static, public, private, missing, redirect, …), `role` who was asked,
    `sent` how many bytes of body went with it. `cut` is set when the server closed or reset the connection instead.
    Headers are (name, value) pairs in the order and the number in which they came; names keep their case.
    """

    kind: str
    role: str
    method: str
    url: str
    sent: int = 0
    status: int | None = None
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    trouble: str = ""
    cut: bool = False

    def values(self, name: str) -> tuple[str, ...]:
        """Every occurrence of one header, in order; names are compared without case (RFC 9110, 5.1)."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def host(self) -> str:
        """Whom the request was meant for."""
        return urlsplit(self.url).hostname or ""

    @property
    def closed(self) -> bool:
        """Whether the port refused the connection: nobody listens, which is a fact and no silence."""
        return self.trouble.startswith(REFUSED)

    @property
    def where(self) -> str:
        """The exchange in a few words, for messages."""
        url = self.url if len(self.url) <= LONGEST_URL else f"{self.url[:LONGEST_URL]}…"
        return f"{self.method} {url} -> {self.status if self.status is not None else self.trouble}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSurvey:
    """The exchanges over path class x status x method of one deployment."""

    exchanges: tuple[HttpExchange, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(e.status is not None for e in self.exchanges)

    @property
    def trouble(self) -> str:
        """Why the first request without an answer had none."""
        return next((e.trouble for e in self.exchanges if e.status is None), "")

    def of(self, *kinds: str, role: str = "edge") -> tuple[HttpExchange, ...]:
        """The exchanges of these path classes (all if none is named) with one role."""
        return tuple(e for e in self.exchanges if e.role == role and (not kinds or e.kind in kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMatrix(HttpSurvey):
    """What else the edge answers over virtual host x path class x status x method: where inheritance holes show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(HttpSurvey):
    """What the edge answers while the application behind it is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketEcho:
    """One WebSocket opened through the edge; `echoed` when the frame sent came back unchanged."""

    url: str
    status: int | None
    accepted: bool
    echoed: bool
    trouble: str
    seen_at: datetime

    @property
    def amount(self) -> int:
        """1 when the server answered the upgrade at all."""
        return int(self.status is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedRequest:
    """A request as the application received it, beside what the client sent."""

    sent_host: str
    sent_headers: tuple[tuple[str, str], ...]
    client_address: str
    received: tuple[tuple[str, str], ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many headers the application received."""
        return len(self.received)

    def values(self, name: str) -> tuple[str, ...]:
        """Every occurrence of one header as the application saw it."""
        wanted = name.lower()
        return tuple(value for key, value in self.received if key.lower() == wanted)
