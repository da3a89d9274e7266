"""The survey of what a deployment answers, over path class x status x method."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import ForwardedRequest, HttpExchange, HttpSurvey, Outage
from plimsoll.probes.wire import Client, Headers, Pace
from plimsoll.stacks.protocol import Endpoint, FreshClients, Interruptible, Stack, endpoint_of

SIDE_BY_SIDE = 8

RESERVE = 5
"""Requests of one address's burst left to those that nobody paces: a stack asks now and then whether it is ready."""

HIDDEN = (
    "/.env",
    "/.git/config",
    "/.svn/entries",
    "/.htaccess",
    "/%2eenv",
    "/.GIT/HEAD",
    "/assets/..%2f.env",
    "/.env.production",
)
"""Spellings of files that must not be served: plain, percent-encoded, in capitals, by a path that climbs."""

CLAIMED_ADDRESS = "203.0.113.66"
"""What a lying client says its address is (TEST-NET-3, RFC 5737)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request of the survey. `host` is another of the deployment's than the first."""

    kind: str
    role: str
    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""
    host: str = ""


class Visitors:
    """The clients of a run: from a fresh address each where the stack has them, else paced below the stated rate."""

    def __init__(self, stack: Stack, deployment: Deployment, *, deadline: float) -> None:
        self._stack = stack
        self._deadline = deadline
        self._pace = None if isinstance(stack, FreshClients) else Pace(deployment.limits, reserve=RESERVE)

    def source(self, *, fresh: bool = False) -> str:
        """The address to ask from next, "" for the machine's own; `fresh`: with its whole allowance there."""
        if isinstance(self._stack, FreshClients):
            return self._stack.client_address()
        if self._pace is not None:
            self._pace.refill() if fresh else self._pace.take()
        return ""

    def spent(self) -> None:
        """Whoever had a whole allowance has used it up."""
        if self._pace is not None:
            self._pace.spend()

    def client(self, endpoint: Endpoint) -> Client:
        """A client that may ask now without wearing out another's allowance."""
        source = self._stack.client_address() if isinstance(self._stack, FreshClients) else ""
        limited = endpoint.role.startswith("edge")
        return Client(
            endpoint,
            methods=self._stack.methods,
            source=source,
            deadline=self._deadline,
            pace=self._pace if limited else None,
        )


def survey(stack: Stack, deployment: Deployment, visitors: Visitors) -> HttpSurvey:
    """What the edge and the application answer to the requests this stack allows."""

    def ask(asking: Asking) -> HttpExchange:
        client = visitors.client(endpoint_of(stack, asking.role))
        seen = client.exchange(
            asking.kind, asking.method, asking.path, headers=asking.headers, body=asking.body, host=asking.host
        )
        return replace(seen, role="app" if asking.role == "app" else "edge")

    roles = {endpoint.role for endpoint in stack.endpoints}
    askings = [a for a in _askings(deployment) if a.role in roles and a.method in stack.methods]
    return HttpSurvey(exchanges=_side_by_side(ask, askings), seen_at=datetime.now(UTC))


def outage(stack: Stack, deployment: Deployment, visitors: Visitors) -> Outage:
    """What the edge answers while every application replica is down. Raises OutOfReach where none may be."""
    if not isinstance(stack, Interruptible):
        raise OutOfReach(f"the application of a {stack.kind} stack is not ours to take down")
    client = visitors.client(endpoint_of(stack, "edge"))
    paths = [path for kind, path in deployment.paths.items() if kind in ("page", "private")]
    with stack.interrupted("app"):
        seen = tuple(client.exchange("outage", "GET", path) for path in paths)
    if not any(e.status is not None and e.status >= 500 for e in seen):  # noqa: PLR2004 - a gateway error proves the outage landed
        raise CouldNotLook(f"the application was taken down, yet the edge answered {[e.where for e in seen]}")
    return Outage(exchanges=seen, seen_at=datetime.now(UTC))


def forwarded(stack: Stack, deployment: Deployment, visitors: Visitors) -> ForwardedRequest:
    """A request with false forwarding headers as the application received it, read from its diagnostics."""
    path = deployment.paths.get("received")
    if not path:
        raise OutOfReach("this deployment names no path that shows a request as the application received it")
    client = visitors.client(endpoint_of(stack, "edge"))
    sent = (("X-Forwarded-For", CLAIMED_ADDRESS), ("X-Real-IP", CLAIMED_ADDRESS), ("X-Forwarded-Proto", "http"))
    exchange = client.exchange("received", "GET", path, headers=sent)
    try:
        received = tuple((str(name), str(value)) for name, value in json.loads(exchange.body)["headers"])
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotLook(f"{exchange.where} does not show the request as the application received it") from error
    return ForwardedRequest(
        sent_host=client.endpoint.host,
        sent_headers=sent,
        client_address=client.source,
        received=received,
        seen_at=datetime.now(UTC),
    )


def _askings(deployment: Deployment) -> Iterator[Asking]:
    """Every request of the survey; those with unsafe methods are dropped by stacks that do not allow them."""
    paths = deployment.paths
    for kind in ("page", "static", "public", "private", "missing"):
        if kind in paths:
            yield Asking(kind=kind, role="edge", method="GET", path=paths[kind])
    for kind in ("health", "ready", "metrics", "page", "missing", "private"):
        if kind in paths:
            yield Asking(kind=kind, role="app", method="GET", path=paths[kind])
    page = paths.get("page", "/")
    for target in dict.fromkeys((page, f"{page}?plimsoll=1")):
        yield Asking(kind="redirect", role="edge-plain", method="GET", path=target)
    for host in deployment.hosts[1:]:
        yield Asking(kind="redirect", role="edge-plain", method="GET", path=page, host=host)
    yield Asking(kind="method", role="edge", method="DELETE", path=page)
    for path in HIDDEN:
        yield Asking(kind="dotfile", role="edge", method="GET", path=path)
    if "public" in paths:
        yield Asking(kind="polluted", role="edge", method="GET", path=f"{paths['public']}?limit=1&limit=2")
        yield Asking(kind="polluted", role="edge", method="GET", path=f"{paths['public']}?filter%5B%24gt%5D=1")
    if "private" in paths and deployment.limits.upload_bytes:
        for kind, size in (("body-limit", 0), ("body-over", 1)):
            body = bytes(deployment.limits.upload_bytes + size)
            yield Asking(kind=kind, role="edge", method="POST", path=paths["private"], body=body)


def _side_by_side(ask: Callable[[Asking], HttpExchange], askings: list[Asking]) -> tuple[HttpExchange, ...]:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return tuple(pool.map(ask, askings))
