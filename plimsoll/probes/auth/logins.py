"""Logging in, and what it gives: an access token, cookies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import GivenCookie, HttpExchange, LoggedIn
from plimsoll.probes.auth import tokens
from plimsoll.probes.auth.tokens import PublicKey, Token
from plimsoll.probes.web.http import JSON, Visitors
from plimsoll.stacks.protocol import Accounts, Stack, endpoint_of

HANDED_OVER = "PLIMSOLL_TOKEN"
"""The environment variable with a genuine access token, for targets on which nobody may log in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie as a server set it; `seconds` until it ends, None when it ends with the browser."""

    name: str
    value: str
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a login gave. `refresh` is the token for the next access token, "" where there is none."""

    exchange: HttpExchange
    access: str
    refresh: str
    cookies: tuple[Cookie, ...]

    @property
    def token(self) -> Token | None:
        """The access token, taken apart; None where it is none that can be."""
        return tokens.parse(self.access)

    def observed(self, public: PublicKey | None) -> LoggedIn:
        """The login as an observation; `public` is the key that verifies its tokens, where that is known."""
        token = self.token
        return LoggedIn(
            url=self.exchange.url,
            status=self.exchange.status,
            token=tokens.read(token, public) if token else None,
            cookies=tuple(_given(cookie, public) for cookie in self.cookies),
            seen_at=datetime.now(UTC),
            trouble="" if self.exchange.status else self.exchange.trouble,
        )


def log_in(stack: Stack, deployment: Deployment, visitors: Visitors, *, token: str = "") -> Login:
    """What the stack's account is given, or the token handed over where the stack has no account.

    Raises OutOfReach without either, CouldNotLook when the login fails.
    """
    if not isinstance(stack, Accounts) or "POST" not in stack.methods:
        return _handed_over(stack, token)
    address, password = stack.account
    return log_in_as(stack, deployment, visitors, address, password)


def log_in_as(stack: Stack, deployment: Deployment, visitors: Visitors, address: str, password: str) -> Login:
    """What that user is given. Raises OutOfReach where the deployment names no login, CouldNotLook when it fails."""
    if "login" not in deployment.paths:
        raise OutOfReach("this deployment names no login path", hint='[paths] login = "/…"')
    host, path = deployment.place("login")
    body = json.dumps({"email": address, "password": password}).encode()
    client = visitors.client(endpoint_of(stack, "edge"))
    told = client.exchange("login", "POST", path, headers=JSON, body=body, host=host)
    if told.status is None or not 200 <= told.status < 400:  # noqa: PLR2004 - a login page may answer by a redirect
        raise CouldNotLook(f"the login failed: {told.where}")
    try:
        content = json.loads(told.body)
    except (ValueError, RecursionError):
        content = {}
    said = content if isinstance(content, dict) else {}
    return Login(
        exchange=told,
        access=str(said.get("access_token", "")),
        refresh=str(said.get("refresh_token", "")),
        cookies=tuple(cookies_of(told)),
    )


def published_key(stack: Stack, deployment: Deployment, visitors: Visitors, kid: object) -> PublicKey | None:
    """The key of that id which the deployment publishes under [paths] jwks; None where it publishes none."""
    if "jwks" not in deployment.paths:
        return None
    host, path = deployment.place("jwks")
    told = visitors.client(endpoint_of(stack, "edge")).exchange("jwks", "GET", path, host=host)
    return tokens.published_key(told.body, kid)


def cookies_of(exchange: HttpExchange) -> Iterator[Cookie]:
    """The cookies that an answer sets (RFC 6265, 5.2): a lifetime in seconds beats a date."""
    for line in exchange.values("Set-Cookie"):
        pair, *attributes = line.split(";")
        name, _, value = pair.partition("=")
        said = {n.strip().lower(): v.strip() for n, _, v in (attribute.partition("=") for attribute in attributes)}
        yield Cookie(name=name.strip(), value=value.strip(), seconds=_lifetime(said))


def _lifetime(attributes: dict[str, str]) -> float | None:
    try:
        if "max-age" in attributes:
            return float(int(attributes["max-age"]))
        if "expires" in attributes:
            ends = parsedate_to_datetime(attributes["expires"])
            return (ends.replace(tzinfo=ends.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return None


def _handed_over(stack: Stack, token: str) -> Login:
    if not token:
        raise OutOfReach(
            f"nobody may log in on this {stack.kind} stack, and no token was handed over",
            hint=f"a genuine access token in the environment variable {HANDED_OVER}",
        )
    said = HttpExchange(kind="login", role="edge", method="GET", url=f"(from {HANDED_OVER})", status=200)
    return Login(exchange=said, access=token, refresh="", cookies=())


def _given(cookie: Cookie, public: PublicKey | None) -> GivenCookie:
    token = tokens.parse(cookie.value)
    return GivenCookie(name=cookie.name, seconds=cookie.seconds, token=tokens.read(token, public) if token else None)
