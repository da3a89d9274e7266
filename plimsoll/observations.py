"""What probes return and rules read: the seam. Frozen values; every one says when it was seen and how much it saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Observation(Protocol):
    """Something seen. `amount` is how much of it there was: zero is never evidence."""

    @property
    def seen_at(self) -> datetime:
        """The moment of the look, with its zone."""

    @property
    def amount(self) -> int:
        """How many hosts, exchanges, files or rows were seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange:
    """One request and what came back. `trouble` says why there was no usable answer; then `status` is None.

    `kind` is the path class asked for (page, static, public, private, missing, redirect, …), `role` who was asked,
    `sent` how many bytes of body went with it.
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

    def values(self, name: str) -> tuple[str, ...]:
        """Every occurrence of one header, in order; names are compared without case (RFC 9110, 5.1)."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def where(self) -> str:
        """The exchange in a few words, for messages."""
        return f"{self.method} {self.url} -> {self.status if self.status is not None else self.trouble}"


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
class Outage(HttpSurvey):
    """What the edge answers while the application behind it is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One TLS handshake offered with one protocol version (and one suite, where `suite` was set).

    `outcome` is accepted, refused (the server answered with an alert or closed), or unmeasured (we could not offer it).
    """

    version: str
    outcome: str
    suite: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The leaf certificate a server presented. `key` reads like "RSA 2048" or "EC secp256r1"."""

    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSurvey:
    """What one endpoint negotiates.

    `chain_trouble` maps a host to why its chain or name did not verify, or to ""; silent hosts are not in it.
    """

    host: str
    versions: tuple[Handshake, ...]
    suites: tuple[Handshake, ...]
    alpn: tuple[str, ...]
    http2_preface: bool
    certificate: Certificate | None
    chain_trouble: Mapping[str, str]
    prefers_own_order: bool | None
    resumed: bool | None
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many handshakes succeeded: refusals mean nothing without one."""
        return sum(h.outcome == "accepted" for h in self.versions)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the server bore with one kind of slow client.

    `kind` is headers, body, idle or reader; `seconds` until it cut us off, None if it had not by `waited`.
    """

    kind: str
    seconds: float | None
    waited: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClients:
    """Slow and idle clients, side by side. `control` tells that a prompt client was served meanwhile."""

    cuts: tuple[Patience, ...]
    control: bool
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many kinds of slow client were tried; zero when the prompt one was not served either."""
        return len(self.cuts) if self.control else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Requests sent as fast as possible by one client, and what it and another client got.

    `statuses` are in order of sending; `seconds` is what the burst took; `neighbour` is the status another client got
    meanwhile (None: no second client to be had). After the stated recovery the client asked again: `recovered` says
    whether the first of these requests passed, `regained` how many passed, `whole` how long after the burst's beginning
    the last was answered.
    """

    role: str
    statuses: tuple[int | None, ...]
    seconds: float
    refusal: HttpExchange | None
    first: HttpExchange | None
    recovered: bool | None
    neighbour: int | None
    seen_at: datetime
    regained: int = 0
    whole: float = 0.0

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(status is not None for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeBurst(Burst):
    """A burst against the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationBurst(Burst):
    """A burst against one application replica, as one client behind the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One nginx directive. `context` names the blocks around it, outermost first, e.g. ("http", "server#2")."""

    name: str
    arguments: tuple[str, ...]
    file: str
    line: int
    context: tuple[str, ...]

    @property
    def where(self) -> str:
        """File and line, for evidence."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxConfig:
    """The edge's configuration as the very file says it, and what nginx itself and the TLS library make of it.

    `test` is the last line of `nginx -t` ("" if the program is not at hand), `suites` maps each ssl_ciphers string to
    the suite names it resolves to, `unknown_suites` to the names in it that no TLS library knows.
    """

    directives: tuple[Directive, ...]
    test_passed: bool | None
    test: str
    suites: Mapping[str, tuple[str, ...]]
    unknown_suites: Mapping[str, tuple[str, ...]]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many directives were read; a file that nginx refuses was seen, even if nothing in it could be."""
        return len(self.directives) or int(self.test_passed is False)

    def named(self, *names: str) -> Iterator[Directive]:
        """The directives of these names, in file order."""
        return (d for d in self.directives if d.name in names)

    def effective(self, name: str, context: tuple[str, ...]) -> tuple[Directive, ...]:
        """What applies in one block: the innermost level that sets the directive wins (nginx inheritance)."""
        for depth in range(len(context), -1, -1):
            here = tuple(d for d in self.directives if d.name == name and d.context == context[:depth])
            if here:
                return here
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """One line of a crontab. `worst_gap` is the longest time between two runs in the year ahead, in seconds."""

    schedule: str
    command: str
    file: str
    line: int
    worst_gap: float | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """What a deployment's crontabs say."""

    files: tuple[str, ...]
    lines: tuple[CronLine, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many crontabs were read: that a command stands in none of them is something seen."""
        return len(self.files)
