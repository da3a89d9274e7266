"""Signing in with an account that somebody else keeps (OAuth 2.0, RFC 6749 and 9700)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.auth import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """With whose accounts one may sign in, and where a browser that begins to is sent.

    `status` is that of the list, `providers` are those on it, `callback` is the address listed for `provider`, `hosts`
    are the deployment's own. `sent_to` are the addresses at the provider that two browsers were sent to, "" for one
    that was not sent anywhere.
    """

    provider: str
    status: int | None
    providers: tuple[str, ...]
    callback: str
    hosts: tuple[str, ...]
    sent_to: tuple[str, ...]
    seen_at: datetime
    trouble: str = ""

    @property
    def amount(self) -> int:
        """1 when the list was answered at all: that nobody is on it is something seen."""
        return int(self.status is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTrial:
    """One whole way through: to the provider, back with a code, in with a session; and ways that must lead nowhere.

    `returned` is the answer to the browser that came back, `inside` what its session then gets on the private page,
    `outside` what nobody's session gets there. `attempts` are answers to browsers that came back wrongly.
    """

    provider: str
    returned: Attempt
    inside: Attempt
    outside: Attempt
    attempts: tuple[Attempt, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many steps were answered."""
        steps = (self.returned, self.inside, self.outside, *self.attempts)
        return sum(step.status is not None for step in steps)
