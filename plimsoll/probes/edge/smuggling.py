"""Requests whose end two readers may see in two places, and whether what hides behind one is ever answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plimsoll.observations import HttpExchange, Smuggle, Smuggling
from plimsoll.probes.connection import Trouble, host_header
from plimsoll.probes.conversation import Conversation
from plimsoll.probes.edge import raw
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK

HIDDEN = "/plimsoll-smuggled"
"""What the hidden request asks for: a path that no site has."""

MOMENT = 3.0
"""Seconds in which an ambiguous request is answered or refused; whoever waits longer waits for more of it."""

SILENCES = 3
"""Ambiguous requests without an answer after which no more are sent."""

END = "0\r\n\r\n"
"""The last chunk of a body, and nothing behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """One way to be misunderstood: header lines, and a body. `{whole}` is the length of the body."""

    name: str
    lines: str
    body: str
    version: str = "1.1"


def _prefix() -> str:
    """A request that would swallow the first line of whatever comes next."""
    return f"GET {HIDDEN} HTTP/1.1\r\nX-Swallow: "


AMBIGUITIES = (
    Ambiguity(
        name="Content-Length and Transfer-Encoding",
        lines="Content-Length: {whole}\r\nTransfer-Encoding: chunked\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="Transfer-Encoding and a short Content-Length",
        lines="Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        body=f"{len(_prefix()):x}\r\n{_prefix()}\r\n{END}",
    ),
    Ambiguity(
        name="two different Content-Length", lines="Content-Length: 0\r\nContent-Length: {whole}\r\n", body=_prefix()
    ),
    Ambiguity(name="a list of Content-Length", lines="Content-Length: 0, {whole}\r\n", body=_prefix()),
    Ambiguity(name="a signed Content-Length", lines="Content-Length: +{whole}\r\n", body=_prefix()),
    Ambiguity(
        name="an unknown Transfer-Encoding",
        lines="Content-Length: {whole}\r\nTransfer-Encoding: xchunked\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="Transfer-Encoding twice",
        lines="Content-Length: {whole}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="a space before the colon",
        lines="Content-Length: {whole}\r\nTransfer-Encoding : chunked\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="a folded Transfer-Encoding",
        lines="Content-Length: {whole}\r\nTransfer-Encoding:\r\n chunked\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="a vertical tab in Transfer-Encoding",
        lines="Content-Length: {whole}\r\nTransfer-Encoding: \x0bchunked\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(
        name="a bare CR in a header",
        lines="X-Bare: a\rTransfer-Encoding: chunked\r\nContent-Length: {whole}\r\n",
        body=END + _prefix(),
    ),
    Ambiguity(name="a chunk size with 0x", lines="Transfer-Encoding: chunked\r\n", body=f"0x0\r\n\r\n{_prefix()}"),
    Ambiguity(
        name="a chunk size that overflows",
        lines="Transfer-Encoding: chunked\r\n",
        body=f"10000000000000000\r\n\r\n{END}{_prefix()}",
    ),
    Ambiguity(
        name="Transfer-Encoding in HTTP/1.0",
        lines="Transfer-Encoding: chunked\r\nContent-Length: {whole}\r\nConnection: keep-alive\r\n",
        body=END + _prefix(),
        version="1.0",
    ),
)
"""RFC 9112, 5.1, 5.2, 6.1, 6.3, 7.1: each is an error, or ends the connection after one answer."""


def smuggling(endpoint: Endpoint, path: str, source: Callable[[], str], *, deadline: float) -> Smuggling:
    """What each of them got, and what clean requests got after it. `source` gives the address to ask from next."""
    control = _pair(endpoint, path, source(), deadline)
    source()  # the pair took two
    tries: list[Smuggle] = []
    for each in AMBIGUITIES if control[-1].status is not None else ():
        tries.append(_tried(endpoint, each, path, source, min(deadline, MOMENT)))
        if sum(one.first.status is None and not one.first.cut for one in tries) >= SILENCES:
            break
    return Smuggling(tries=tuple(tries), control=control, seen_at=datetime.now(UTC))


def _tried(endpoint: Endpoint, ambiguity: Ambiguity, path: str, source: Callable[[], str], deadline: float) -> Smuggle:
    """One ambiguous request, a clean one behind it if the connection is still open, and one on another connection."""
    asked = HttpExchange(kind=ambiguity.name, role=endpoint.role, method="POST", url=endpoint.url(path))
    following, started = None, SYSTEM_CLOCK.monotonic()
    try:
        with Conversation(endpoint, seconds=deadline, source=source()) as connection:
            connection.ask_so(_bytes(endpoint, ambiguity, path), method="POST")
            first = raw.answered(asked, connection, started)
            if connection.reusable:
                source()
                following = _next(endpoint, connection, path)
    except Trouble as trouble:
        first = raw.unanswered(asked, trouble, started)
    other = raw.exchange(endpoint, "other", "GET", path, source=source(), deadline=deadline)
    return Smuggle(name=ambiguity.name, first=first, next=following, other=other)


def _next(endpoint: Endpoint, connection: Conversation, path: str) -> HttpExchange | None:
    """What a clean request on the same connection gets; None if it is not open any more."""
    asked = HttpExchange(kind="next", role=endpoint.role, method="GET", url=endpoint.url(path))
    started = SYSTEM_CLOCK.monotonic()
    try:
        connection.ask_so(raw.request(endpoint, "GET", path))
        return raw.answered(asked, connection, started)
    except Trouble as trouble:
        seen = raw.unanswered(asked, trouble, started)
        return None if seen.cut else seen


def _pair(endpoint: Endpoint, path: str, source: str, deadline: float) -> tuple[HttpExchange, ...]:
    """Two clean requests on one connection, a body in the first: what an honest client gets."""
    asked = HttpExchange(kind="control", role=endpoint.role, method="POST", url=endpoint.url(path))
    clean = Ambiguity(name="control", lines="Content-Length: {whole}\r\n", body="clean=1")
    started = SYSTEM_CLOCK.monotonic()
    first: HttpExchange = asked
    try:
        with Conversation(endpoint, seconds=deadline, source=source) as connection:
            connection.ask_so(_bytes(endpoint, clean, path), method="POST")
            first = raw.answered(asked, connection, started)
            second = _next(endpoint, connection, path) if connection.reusable else None
            return first, second or replace(asked, kind="next", method="GET", trouble="the connection was not kept")
    except Trouble as trouble:
        return (raw.unanswered(first, trouble, started),)


def _bytes(endpoint: Endpoint, ambiguity: Ambiguity, path: str) -> bytes:
    """The ambiguous request as it goes over the wire."""
    lines = ambiguity.lines.format(whole=len(ambiguity.body))
    head = f"POST {path} HTTP/{ambiguity.version}\r\nHost: {host_header(endpoint)}\r\n{lines}\r\n"
    return (head + ambiguity.body).encode("latin-1")
