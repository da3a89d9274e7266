"""Signing in with somebody else's account, as a browser does it, and as one does that was lured into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Attempt, HttpExchange, SignIn, SignInTrial
from plimsoll.probes.http import Visitors
from plimsoll.probes.logins import cookies_of
from plimsoll.probes.wire import Client
from plimsoll.stacks.protocol import Endpoint, Stack, endpoint_of

IDENTITY = "identity"
"""The recipe of the provider's stand-in."""

LIST, START = "/providers", "/signin/"
"""Where the list is and where a browser begins, as NextAuth has them."""

ELSEWHERE = "https://plimsoll-nobody.test/callback"

WRONG_WAYS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("another state", "state", {"state": "plimsoll"}),
    ("no state", "state", {"state": ""}),
    ("an invented code", "code", {"code": "plimsoll"}),
)
"""What may be wrong with the address that a browser comes back to, and what checks it."""


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

    def start(self, provider: str) -> str:
        """Where the browser is sent that begins to sign in; "" for nowhere."""
        told = self.get(f"{self.listed.removesuffix(LIST)}{START}{provider}")
        return next(iter(told.values("Location")), "") if told.status and 300 <= told.status < 400 else ""  # noqa: PLR2004 - RFC 9110, 15.4

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
    listed = _object(told.body)
    chosen = _object(json.dumps(listed.get(provider)).encode())
    return SignIn(
        provider=provider,
        providers=tuple(listed),
        callback=str(chosen.get("callbackUrl", "")),
        hosts=deployment.hosts,
        sent_to=(browser.start(provider), other.start(provider)) if provider in listed else (),
        trouble="" if listed else told.where,
        seen_at=datetime.now(UTC),
    )


def trial(stack: Stack, deployment: Deployment, visitors: Visitors, provider: str, *, deadline: float) -> SignInTrial:
    """The whole way through the provider's stand-in, and the ways that must lead nowhere.

    Raises OutOfReach where the provider is no stand-in of ours, CouldNotLook where it sends nobody back.
    """
    if "private" not in deployment.paths:
        raise OutOfReach("this deployment names no private path", hint='[paths] private = "/…"')
    provided = _provider(stack, deployment)
    host, private = deployment.place("private")
    at_provider = Client(provided, deadline=deadline)

    def begun() -> tuple[Browser, str]:
        browser = Browser(stack, deployment, visitors)
        if not (sent := browser.start(provider)):
            raise CouldNotLook(f"nobody is sent to {provider} to sign in")
        return browser, sent

    def back(sent: str) -> str:
        """Where the provider sends the browser back to, without the host."""
        told = at_provider.exchange("sign-in", "GET", _target(sent))
        place = next(iter(told.values("Location")), "")
        if not place:
            raise CouldNotLook(f"{provider} sends nobody back: {told.where}")
        return _target(place)

    def wrong(name: str, lacks: str, browser: Browser, way: str) -> Attempt:
        """What a browser that came back wrongly then gets on the private page: an error may be a page as well."""
        browser.get(way)
        return _step(name, browser.get(private, host), lacks)

    browser, sent = begun()
    outside = _step("nobody's session", browser.get(private, host))
    way, replaying = back(sent), Browser(stack, deployment, visitors)
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
