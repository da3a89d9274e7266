"""The survey of what a deployment answers, over path class x status x method."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, Outage
from plimsoll.probes.silence import Silences
from plimsoll.probes.web.askings import ON_THE_EDGE, Asking, asking_for, askings_of
from plimsoll.probes.web.cells import cells_of
from plimsoll.probes.web.hosts import endpoint_at
from plimsoll.probes.wire import BODY_LIMIT, GLANCE, Client, Headers, Pace
from plimsoll.stacks.protocol import Accounts, Endpoint, FreshClients, Interruptible, Stack

SIDE_BY_SIDE = 8

SILENCES = 4
"""Requests without an answer, and none with one, after which a host is not asked any more."""

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
        self.silences = Silences()
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

    def client(self, endpoint: Endpoint, *, body_limit: int = BODY_LIMIT) -> Client:
        """A client that may ask now without wearing out another's allowance."""
        source = self._stack.client_address() if isinstance(self._stack, FreshClients) else ""
        limited = endpoint.role.startswith("edge")
        return Client(
            endpoint,
            methods=self._stack.methods,
            source=source,
            deadline=self._deadline,
            body_limit=body_limit,
            pace=self._pace if limited else None,
        )


def survey(stack: Stack, deployment: Deployment, visitors: Visitors) -> HttpSurvey:
    """What the edge and the application answer to the requests this stack allows."""
    with ThreadPoolExecutor(1) as pool:
        ours = pool.submit(lambda: tuple(_as_a_user(stack, deployment, visitors)))
        seen = answers(stack, deployment, visitors, askings_of(deployment))
    return HttpSurvey(exchanges=(*seen, *ours.result()), seen_at=datetime.now(UTC))


def matrix(stack: Stack, deployment: Deployment, visitors: Visitors) -> HeaderMatrix:
    """What the edge answers over virtual host x path class x status x method, as far as the survey does not show it."""
    seen = answers(stack, deployment, visitors, cells_of(deployment), body_limit=GLANCE)
    return HeaderMatrix(exchanges=seen, seen_at=datetime.now(UTC))


def answers(
    stack: Stack,
    deployment: Deployment,
    visitors: Visitors,
    askings: Iterable[Asking],
    *,
    body_limit: int = BODY_LIMIT,
) -> tuple[HttpExchange, ...]:
    """The answers to those of the requests that this stack shows and allows, asked side by side.

    Bodies are cut at the limit. Whoever keeps silent over the first of them is not asked the rest: no server makes a
    look last.
    """
    roles = {endpoint.role for endpoint in stack.endpoints if endpoint.scheme in ("http", "https")}
    told = Counter[tuple[str, str, bool]]()

    def ask(asking: Asking) -> HttpExchange:
        client = visitors.client(endpoint_at(stack, deployment, asking.role, asking.host), body_limit=body_limit)
        place = (asking.role, asking.host)
        why = visitors.silences.given_up(asking.role)
        if why or (told[*place, False] >= SILENCES and not told[*place, True]):
            url = client.endpoint.url(asking.path)
            why = why or f"not asked: {told[*place, False]} requests before it got no answer"
            seen = HttpExchange(kind=asking.kind, role=asking.role, method=asking.method, url=url, trouble=why)
        else:
            seen = client.exchange(asking.kind, asking.method, asking.path, headers=asking.headers, body=asking.body)
            told[*place, seen.status is not None or seen.closed] += 1
            visitors.silences.told(asking.role, seen)
        return replace(seen, role="edge" if asking.role.startswith("edge") else asking.role)

    allowed = [each for each in askings if each.role in roles and each.method in stack.methods]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return tuple(pool.map(ask, allowed))


def outage(stack: Stack, deployment: Deployment, visitors: Visitors) -> Outage:
    """What the edge answers while every application replica is down. Raises OutOfReach where none may be."""
    if not isinstance(stack, Interruptible):
        raise OutOfReach(f"the application of a {stack.kind} stack is not ours to take down")
    askings = {asking_for(deployment, kind) for kind in ON_THE_EDGE if kind in deployment.paths}
    page = asking_for(deployment, "page")
    askings |= {replace(page, host=host) for host in deployment.hosts}
    down = [role for role, service in deployment.services.items() if service.recipe == "app"]
    with ExitStack() as interruptions:
        for role in down:
            interruptions.enter_context(stack.interrupted(role))
        ordered = sorted(askings, key=lambda asking: (asking.host, asking.path))
        seen = answers(stack, deployment, visitors, (replace(each, kind="outage", path=_new(each)) for each in ordered))
    if not any(e.status is not None and e.status >= 500 for e in seen):  # noqa: PLR2004 - a gateway error proves the outage landed
        raise CouldNotLook(f"the application was taken down, yet the edge answered {[e.where for e in seen]}")
    return Outage(exchanges=seen, seen_at=datetime.now(UTC))


def _new(asking: Asking) -> str:
    """The path with a query that nobody asked before: an edge may have kept what it answered to others."""
    return f"{asking.path}{'&' if '?' in asking.path else '?'}plimsoll={secrets.token_hex(4)}"


def forwarded(stack: Stack, deployment: Deployment, visitors: Visitors) -> ForwardedRequest:
    """A request with false forwarding headers as the application received it, read from its diagnostics."""
    if "received" not in deployment.paths:
        raise OutOfReach("this deployment names no path that shows a request as the application received it")
    host, path = deployment.place("received")
    client = visitors.client(endpoint_at(stack, deployment, "edge", host))
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


def logged_in(stack: Stack, deployment: Deployment, visitors: Visitors) -> tuple[HttpExchange, Headers]:
    """The answer to a login with the stack's account, and the header that proves it; none if that failed.

    Raises OutOfReach where there is no account, or no path to log in at.
    """
    if not isinstance(stack, Accounts) or "login" not in deployment.paths:
        raise OutOfReach(f"nobody can log in to this {stack.kind} target", hint='[paths] login = "/…"')
    host, path = deployment.place("login")
    address, password = stack.account
    body = json.dumps({"email": address, "password": password}).encode()
    client = visitors.client(endpoint_at(stack, deployment, "edge", host))
    told = client.exchange("login", "POST", path, headers=JSON, body=body)
    try:
        bearer = f"Bearer {json.loads(told.body)['access_token']}"
    except (ValueError, KeyError, TypeError):
        return told, ()
    return replace(told, body=b""), (("Authorization", bearer),)


def _as_a_user(stack: Stack, deployment: Deployment, visitors: Visitors) -> Iterator[HttpExchange]:
    """The login, and the private page as somebody sees it who has logged in, where the stack has an account for us."""
    if "private" not in deployment.paths:
        return
    host, private = deployment.place("private")
    try:
        told, proof = logged_in(stack, deployment, visitors)
    except OutOfReach:
        return
    yield told
    if not proof:
        yield replace(told, kind="private", status=None, body=b"", trouble=f"the login failed: {told.where}")
    else:
        client = visitors.client(endpoint_at(stack, deployment, "edge", host))
        yield client.exchange("private", "GET", private, headers=proof)
