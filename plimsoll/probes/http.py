"""The survey of what a deployment answers, over path class x status x method."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import ForwardedRequest, HttpExchange, HttpSurvey, Outage
from plimsoll.probes.askings import Asking, askings_of
from plimsoll.probes.wire import Client, Pace
from plimsoll.stacks.protocol import Accounts, Endpoint, FreshClients, Interruptible, Stack, endpoint_of

SIDE_BY_SIDE = 8

RESERVE = 5
"""Requests of one address's burst left to those that nobody paces: a stack asks now and then whether it is ready."""

JSON = (("Content-Type", "application/json"),)

CLAIMED_ADDRESS = "203.0.113.66"
"""What a lying client says its address is (TEST-NET-3, RFC 5737)."""


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
    askings = [a for a in askings_of(deployment) if a.role in roles and a.method in stack.methods]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        ours = pool.submit(_as_a_user, stack, deployment, visitors)
        seen = tuple(pool.map(ask, askings))
    return HttpSurvey(exchanges=(*seen, *ours.result()), seen_at=datetime.now(UTC))


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


def _as_a_user(stack: Stack, deployment: Deployment, visitors: Visitors) -> Iterator[HttpExchange]:
    """The private page as somebody sees it who has logged in, where the stack has an account for us."""
    login, private = deployment.paths.get("login"), deployment.paths.get("private")
    if not isinstance(stack, Accounts) or not login or not private:
        return
    edge = endpoint_of(stack, "edge")
    address, password = stack.account
    body = json.dumps({"email": address, "password": password}).encode()
    told = visitors.client(edge).exchange("login", "POST", login, headers=JSON, body=body)
    try:
        bearer = f"Bearer {json.loads(told.body)['access_token']}"
    except (ValueError, KeyError, TypeError):
        yield replace(told, kind="private", status=None, body=b"", trouble=f"the login failed: {told.where}")
    else:
        yield visitors.client(edge).exchange("private", "GET", private, headers=(("Authorization", bearer),))
