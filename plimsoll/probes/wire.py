"""The HTTP/1.1 client of every probe: one request, one answer or one trouble, under a deadline that always holds."""

from __future__ import annotations

import threading
from dataclasses import replace

import h11

from plimsoll import __version__
from plimsoll.errors import BadInput, Refused
from plimsoll.model import Limits
from plimsoll.observations import HttpExchange
from plimsoll.probes.connection import Closed, Trouble, host_header
from plimsoll.probes.conversation import HEADER_LIMIT, Conversation
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK, Clock, pause

DEADLINE = 10.0
"""Seconds for one exchange in total, the per-probe deadline of the smoke run."""

BODY_LIMIT = 1024 * 1024
"""Bytes of body that are read: more than any page, little enough for an endless one."""

GLANCE = 65_536
"""Bytes of body that are read by looks that ask for hundreds of pages: enough to tell one from another."""

READ_ONLY = frozenset({"GET", "HEAD", "OPTIONS"})
"""What RFC 9110, 9.2.1 calls safe and a live target is asked (TRACE is not among it: it echoes credentials)."""

Headers = tuple[tuple[str, str], ...]


def filled(
    asked: HttpExchange, answer: h11.Response | h11.InformationalResponse, content: bytes, started: float
) -> HttpExchange:
    """The exchange with its answer; it took from `started` until now."""
    return replace(
        asked,
        status=answer.status_code,
        http_version=answer.http_version.decode("ascii"),
        headers=tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers.raw_items()),
        body=content,
        seconds=SYSTEM_CLOCK.monotonic() - started,
    )


class Pace:
    """A token bucket that keeps the clients sharing one address below the stated rate, by `reserve` requests."""

    def __init__(self, limits: Limits, *, reserve: int = 1, clock: Clock = SYSTEM_CLOCK) -> None:
        self._rate = limits.requests_per_second
        self._reserve = reserve
        self._whole = limits.burst
        self._size = float(max(limits.burst - reserve, 1))
        self._tokens = self._size
        self._clock = clock
        self._last = clock.monotonic()
        self._lock = threading.Lock()

    def refill(self) -> None:
        """The whole allowance is there again; the next requests may use it up at once."""
        with self._lock:
            now = self._clock.monotonic()
            missing = self._whole - self._tokens - (now - self._last) * self._rate
            missing = max(missing, self._reserve)  # whoever nobody paces may have used it up just now
            self._tokens, self._last = 0.0, now + max(missing, 0) / self._rate
        pause(missing / self._rate, clock=self._clock)

    def spend(self) -> None:
        """Nothing of the allowance is left, not even of the reserve."""
        with self._lock:
            self._tokens, self._last = min(self._tokens, -float(self._reserve)), self._clock.monotonic()

    def take(self) -> None:
        """One more request may be sent now; callers are let through in order of asking."""
        with self._lock:
            now = self._clock.monotonic()
            self._tokens = min(self._size, self._tokens + (now - self._last) * self._rate) - 1
            self._last = now
            wait = -self._tokens / self._rate
        pause(wait, clock=self._clock)


class Client:
    """Asks one endpoint. Whatever the server does becomes an HttpExchange; only a caller's mistake raises.

    `methods` are those the target allows: any other raises Refused before a byte is sent. `source` is the client
    address to bind. `deadline` is seconds per exchange in total, name resolution and pace aside. A body is cut at
    `body_limit` bytes, without trouble; a header beyond `header_limit` is trouble. Nothing is followed, and nothing
    decompressed: a compressed bomb stays as small as it came.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        methods: frozenset[str] = READ_ONLY,
        source: str = "",
        deadline: float = DEADLINE,
        body_limit: int = BODY_LIMIT,
        header_limit: int = HEADER_LIMIT,
        pace: Pace | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.methods = methods
        self.source = source
        self.deadline = deadline
        self.body_limit = body_limit
        self.header_limit = header_limit
        self.pace = pace

    def connect(self, *, receive_buffer: int = 0) -> Conversation:
        """A connection that several exchanges can share. Raises Trouble."""
        return Conversation(
            self.endpoint,
            seconds=self.deadline,
            source=self.source,
            receive_buffer=receive_buffer,
            header_limit=self.header_limit,
        )

    def exchange(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        host: str = "",
        over: Conversation | None = None,
    ) -> HttpExchange:
        """The answer to one request on a fresh connection, or over one that `connect` gave and that is kept open."""
        request = self.request(method, path, headers=headers, body=body, host=host, keep=over is not None)
        if self.pace is not None:
            self.pace.take()
        asked = HttpExchange(
            kind=kind,
            role=self.endpoint.role,
            method=method,
            url=(replace(self.endpoint, host=host) if host else self.endpoint).url(path),
            sent=len(body),
        )
        started = SYSTEM_CLOCK.monotonic()
        try:
            if over is not None:
                over.renew(self.deadline)
                answer, content = over.converse(request, body, body_limit=self.body_limit)
            else:
                with self.connect() as connection:
                    answer, content = connection.converse(request, body, body_limit=self.body_limit)
        except Trouble as trouble:
            cut = isinstance(trouble, Closed)
            return replace(asked, trouble=trouble.fact, cut=cut, seconds=SYSTEM_CLOCK.monotonic() - started)
        return filled(asked, answer, content, started)

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        host: str = "",
        keep: bool = False,
    ) -> h11.Request:
        """The request with what every request carries, unless the caller says otherwise. Raises Refused, BadInput."""
        if method not in self.methods:
            raise Refused(
                f"{method} {path} was not sent: this target allows {', '.join(sorted(self.methods))}",
                hint="declare the deployment disposable if probes may change it",
            )
        lines = [("Host", host or host_header(self.endpoint))]
        given = {name.lower() for name, _ in headers}
        if "user-agent" not in given:
            lines.append(("User-Agent", f"plimsoll/{__version__}"))
        if not keep and "connection" not in given:
            lines.append(("Connection", "close"))
        if (body or method in {"POST", "PUT", "PATCH"}) and not given & {"content-length", "transfer-encoding"}:
            lines.append(("Content-Length", str(len(body))))
        try:
            return h11.Request(method=method, target=path, headers=[*lines, *headers])
        except (h11.LocalProtocolError, UnicodeError) as error:
            raise BadInput(f"{method} {path!r} cannot be sent: {error}") from error
