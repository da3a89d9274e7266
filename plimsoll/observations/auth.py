"""What somebody who logged in was given, and what became of forgeries of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

REFUSED_WITH = (400, 401, 403)
"""How forged credentials are refused: not valid, not enough, or not even a request (RFC 6750, 3.1)."""


BEYOND_ALL_TIME = 10**15
"""Seconds: thirty million years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A JSON Web Token as it reads (RFC 7519), its signature's length in bytes.

    `guessed` when a well-known example secret made the signature. `key` is the public key where known: "RSA 2048".
    """

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signature_bytes: int
    guessed: bool = False
    key: str = ""

    @property
    def algorithm(self) -> str:
        """What the token says it is signed with."""
        return str(self.header.get("alg", ""))

    @property
    def audience(self) -> tuple[str, ...]:
        """Whom the token is for; one or many (RFC 7519, 4.1.3)."""
        said = self.claims.get("aud", ())
        return tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)

    @property
    def seconds(self) -> float | None:
        """How long the token lives, from its issue on; None when it does not say both."""
        begins, ends = _moment(self.claims.get("iat")), _moment(self.claims.get("exp"))
        return None if begins is None or ends is None else ends - begins


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCookie:
    """A cookie that a login gave: when it ends, in seconds from then (None: with the browser), and the token in it."""

    name: str
    seconds: float | None = None
    token: SignedToken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """What a login was answered. `given` is "" where the token came from a login, else who handed it over."""

    url: str
    status: int | None
    token: SignedToken | None
    cookies: tuple[GivenCookie, ...]
    seen_at: datetime
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many tokens and cookies came."""
        return int(self.token is not None) + len(self.cookies)

    def session(self, name: str = "") -> GivenCookie | None:
        """The cookie of that name; without one, the first that holds a token, else the first."""
        if name:
            return next((cookie for cookie in self.cookies if cookie.name == name), None)
        return next((cookie for cookie in self.cookies if cookie.token), next(iter(self.cookies), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One forgery sent and what it got: `name` says what it is, `lacks` which check it is there to fail.

    `algorithm` is what its header names.
    """

    name: str
    lacks: str
    algorithm: str = ""
    status: int | None = None
    trouble: str = ""

    @property
    def refused(self) -> bool:
        """Whether it was turned away, rather than let in or not answered."""
        return self.status in REFUSED_WITH

    @property
    def let_in(self) -> bool:
        """Whether it was served."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3

    @property
    def where(self) -> str:
        """The attempt in a few words."""
        return f"{self.name} -> {self.status if self.status is not None else self.trouble}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A credential and its forgeries, each sent alike to one private address.

    The controls: `anonymous` without any, `genuine` with the real one before the forgeries and `afterwards`, `resigned`
    with the real claims under a signature of our own making (None where we hold no key). `untried` maps what a forgery
    would have lacked to why none was made. `lured` when the server fetched a key from where a forged token pointed.
    """

    url: str
    anonymous: Attempt
    genuine: Attempt
    afterwards: Attempt
    resigned: Attempt | None = None
    attempts: tuple[Attempt, ...] = ()
    untried: Mapping[str, str] = field(default_factory=dict)
    lured: bool = False

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        tried = (self.anonymous, self.genuine, self.afterwards, *self.attempts)
        return sum(attempt.status is not None for attempt in tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgeries:
    """What became of forged access tokens, and of forged session cookies where the login gives one."""

    token: Trial | None
    session: Trial | None
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(trial.amount for trial in (self.token, self.session) if trial)


def _moment(value: object) -> float | None:
    """The seconds since 1970 that a claim says (RFC 7519, 2); numbers beyond all time are infinite."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < BEYOND_ALL_TIME else math.inf
