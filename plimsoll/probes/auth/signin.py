"""Signing in with somebody else's account, as a browser does it, and as one does that was lured into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Attempt, HttpExchange, SignIn, SignInTrial
from plimsoll.probes.auth.logins import cookies_of
from plimsoll.probes.web.http import Visitors
from plimsoll.probes.wire import Client
from plimsoll.stacks.protocol import Endpoint, Stack, endpoint_of

IDENTITY = "identity"
"""The recipe of the provider's stand-in."""

LIST, START = "/providers", "/signin/"
"""Where the list is and where a browser begins, as NextAuth has them."""

OK = 200
ELSEWHERE = "https://plimsoll-nobody.test/callback"

WRONG_WAYS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("another state", "state", {"state": "plimsoll"}),
    ("no state", "state", {"state": ""}),
    ("an invented code", "code", {"code": "plimsoll"}),
)
"""What may be wrong with the address that a browser comes back to, and what checks it."""


class Stumbled(CouldNotLook):
    """A step that led nowhere, and the answer to it."""

    def __init__(self, fact: str, told: HttpExchange) -> None:
        super().__init__(f"{fact}: {told.where}")
        self.step, self.told = fact, told


class Browser:
    """A browser with its cookies, at the deployment's edge."""

    def __init__(self, stack: Stack, deployment: Deployment, visitors: Visitors) -> None:
        if "providers" not in deployment.paths:
            hint = f'[paths] providers = "//host/api/auth{LIST}"'
            raise OutOfReach("this deployment names no path with its sign-in providers", hint=hint)
        self._stack, self._visitors = stack, visitors
        self._host, path = deployment.place("providers")
        self.listed = path
        self.cookies: dict[str, str] = {}

    def start(self, provider: str) -> HttpExchange:
        """The answer to a browser that begins to sign in."""
        return self.get(f"{self.listed.removesuffix(LIST)}{START}{provider}")

    def get(self, path: str, host: str = "") -> HttpExchange:
        """The answer to a request with all the cookies the browser has; it keeps those it is given."""
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client = self._visitors.client(endpoint_of(self._stack, "edge"))
        headers = (("Cookie", sent),) if sent else ()
        told = client.exchange("sign-in", "GET", path, headers=headers, host=host or self._host)
        for cookie in cookies_of(told):
            self.cookies[cookie.name] = cookie.value
            if cookie.seconds is not None and cookie.seconds <= 0:
                del self.cookies[cookie.name]
        return told


def survey(stack: Stack, deployment: Deployment, visitors: Visitors, provider: str) -> SignIn:
    """With whose accounts one may sign in, and where two browsers are sent that begin to, with that one's."""
    browser, other = (Browser(stack, deployment, visitors) for _ in range(2))
    told = browser.get(browser.listed)
    listed = _object(told.body) if told.status == OK else {}
    chosen = _object(json.dumps(listed.get(provider)).encode())
    return SignIn(
        provider=provider,
        status=told.status,
        providers=tuple(listed),
        callback=str(chosen.get("callbackUrl", "")),
        hosts=deployment.hosts,
        sent_to=(_sent_to(browser.start(provider)), _sent_to(other.start(provider))) if provider in listed else (),
        trouble=told.trouble,
        seen_at=datetime.now(UTC),
    )


def trial(stack: Stack, deployment: Deployment, visitors: Visitors, provider: str, *, deadline: float) -> SignInTrial:
    """The whole way through the provider's stand-in, and the ways that must lead nowhere.

    Raises OutOfReach where the provider is no stand-in of ours.
    """
    if "private" not in deployment.paths:
        raise OutOfReach("this deployment names no private path", hint='[paths] private = "/…"')
    provided = _provider(stack, deployment)
    host, private = deployment.place("private")
    at_provider = Client(provided, deadline=deadline)

    def begun() -> tuple[Browser, str]:
        browser = Browser(stack, deployment, visitors)
        return browser, _led(browser.start(provider), f"nobody is sent to {provider}")

    def back(sent: str) -> str:
        """Where the provider sends the browser back to, without the host."""
        told = at_provider.exchange("sign-in", "GET", _target(sent))
        return _target(_led(told, f"{provider} sends nobody back"))

    def wrong(name: str, lacks: str, browser: Browser, way: str) -> Attempt:
        """What a browser that came back wrongly then gets on the private page: an error may be a page as well."""
        browser.get(way)
        return _step(name, browser.get(private, host), lacks)

    outside = _step("nobody's session", Browser(stack, deployment, visitors).get(private, host))
    try:
        browser, sent = begun()
        way, replaying = back(sent), Browser(stack, deployment, visitors)
    except Stumbled as stumbled:
        nowhere = _step(stumbled.step, stumbled.told)
        return SignInTrial(
            provider=provider, returned=nowhere, inside=outside, outside=outside, attempts=(), seen_at=datetime.now(UTC)
        )
    replaying.cookies = dict(browser.cookies)
    returned = _step("the right way back", browser.get(way))
    inside = _step("the session begun", browser.get(private, host))
    attempts = [wrong("the same code again", "code", replaying, way)]
    _, sent = begun()
    stranger = Browser(stack, deployment, visitors)
    attempts.append(wrong("another browser's code and state", "state", stranger, back(sent)))
    for name, lacks, change in WRONG_WAYS:
        browser, sent = begun()
        attempts.append(wrong(name, lacks, browser, _changed(back(sent), **change)))
    _, sent = begun()
    elsewhere = at_provider.exchange("sign-in", "GET", _target(_changed(sent, redirect_uri=ELSEWHERE)))
    attempts.append(_step("an unregistered redirect_uri, at the provider", elsewhere, "redirect_uri"))
    return SignInTrial(
        provider=provider,
        returned=returned,
        inside=inside,
        outside=outside,
        attempts=tuple(attempts),
        seen_at=datetime.now(UTC),
    )


def _led(told: HttpExchange, otherwise: str) -> str:
    """Where an answer sends the browser. Raises Stumbled where it sends it nowhere."""
    if place := _sent_to(told):
        return place
    raise Stumbled(otherwise, told)


def _sent_to(told: HttpExchange) -> str:
    """Where an answer sends the browser; "" for nowhere."""
    redirected = told.status is not None and 300 <= told.status < 400  # noqa: PLR2004 - RFC 9110, 15.4
    return next(iter(told.values("Location")), "") if redirected else ""


def _provider(stack: Stack, deployment: Deployment) -> Endpoint:
    for role, service in deployment.services.items():
        if service.recipe == IDENTITY:
            return endpoint_of(stack, role)
    raise OutOfReach("the provider is no service of this deployment: nobody signs in to a real one for a test")


def _step(name: str, told: HttpExchange, lacks: str = "") -> Attempt:
    return Attempt(name=name, lacks=lacks, status=told.status, trouble=told.trouble)


def _target(url: str) -> str:
    """The path and the query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _changed(url: str, **words: str) -> str:
    """The URL with other values in its query; an empty one takes the name out."""
    path, _, query = url.partition("?")
    asked = {**dict(parse_qsl(query)), **words}
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def _object(body: bytes) -> Mapping[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
