"""Requests byte for byte as we wrote them, where a well-behaved client would refuse to send such a thing."""

from __future__ import annotations

from dataclasses import replace

from plimsoll import __version__
from plimsoll.observations import HttpExchange
from plimsoll.probes.connection import Closed, Trouble, host_header
from plimsoll.probes.conversation import Conversation
from plimsoll.probes.wire import BODY_LIMIT, DEADLINE, Headers, filled
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK


def request(
    endpoint: Endpoint, method: str, target: str, *, headers: Headers = (), hosts: tuple[str, ...] | None = None
) -> bytes:
    """A request with exactly this target, and one Host line for each of `hosts` (None: the endpoint's own)."""
    lines = [("Host", host) for host in (hosts if hosts is not None else (host_header(endpoint),))]
    lines += [("User-Agent", f"plimsoll/{__version__}"), ("Connection", "close"), *headers]
    head = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines)]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def exchange(
    endpoint: Endpoint,
    kind: str,
    method: str,
    target: str,
    *,
    headers: Headers = (),
    hosts: tuple[str, ...] | None = None,
    source: str = "",
    deadline: float = DEADLINE,
    body_limit: int = BODY_LIMIT,
) -> HttpExchange:
    """The answer to one request on a fresh connection; whatever the server does is part of it. Nothing is followed."""
    asked = HttpExchange(
        kind=kind, role=endpoint.role, method=method, url=target if "://" in target else endpoint.url(target)
    )
    started = SYSTEM_CLOCK.monotonic()
    try:
        with Conversation(endpoint, seconds=deadline, source=source) as connection:
            connection.ask_so(request(endpoint, method, target, headers=headers, hosts=hosts), method=method)
            return answered(asked, connection, started, body_limit=body_limit)
    except Trouble as trouble:
        return unanswered(asked, trouble, started)


def answered(
    asked: HttpExchange, connection: Conversation, started: float, *, body_limit: int = BODY_LIMIT
) -> HttpExchange:
    """The exchange with the next answer on the connection. Raises Trouble."""
    answer, content = connection.answer(body_limit=body_limit)
    return filled(asked, answer, content, started)


def unanswered(asked: HttpExchange, trouble: Trouble, started: float) -> HttpExchange:
    """The exchange without an answer, and why."""
    cut = isinstance(trouble, Closed)
    return replace(asked, trouble=trouble.fact, cut=cut, seconds=SYSTEM_CLOCK.monotonic() - started)
