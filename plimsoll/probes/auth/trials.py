"""Forgeries sent: every one alike to the same private address, with the genuine credential before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from plimsoll.observations import Attempt, HttpExchange, Trial
from plimsoll.probes.auth.forgery import Forgery
from plimsoll.probes.auth.tokens import Token
from plimsoll.probes.wire import Headers

Ask = Callable[[Headers], HttpExchange]
"""Asks the private address with these headers."""

Carry = Callable[[str], Headers]
"""How a credential travels: as a header of its own, or among the cookies."""


def bearer(token: str) -> Headers:
    """An access token as clients send it (RFC 6750, 2.1)."""
    return (("Authorization", f"Bearer {token}"),)


def cookie(name: str) -> Carry:
    """A cookie of that name as browsers send it."""
    return lambda value: (("Cookie", f"{name}={value}"),)


def trial(
    ask: Ask,
    carry: Carry,
    genuine: str,
    forgeries: Iterable[Forgery],
    *,
    resigned: Token | None = None,
    others: Mapping[str, str] | None = None,
    untried: Mapping[str, str],
) -> Trial:
    """What became of a credential and its forgeries; `others` are texts that are no forgeries, by what they are."""

    def tried(attempt: Attempt, headers: Headers) -> Attempt:
        seen = ask(headers)
        return replace(attempt, status=seen.status, trouble=seen.trouble)

    first = ask(())
    anonymous = Attempt(name="nothing", lacks="everything", status=first.status, trouble=first.trouble)
    real = Attempt(name="the genuine one", lacks="")
    before = tried(real, carry(genuine))
    ours = replace(real, name="the genuine claims signed by us")
    again = tried(ours, carry(resigned.text)) if resigned else None
    attempts = [tried(forgery.attempt, carry(forgery.token.text)) for forgery in forgeries]
    attempts += [tried(Attempt(name=name, lacks="kind"), carry(text)) for name, text in (others or {}).items()]
    return Trial(
        url=first.url,
        anonymous=anonymous,
        genuine=before,
        afterwards=tried(real, carry(genuine)),
        resigned=again,
        attempts=tuple(attempts),
        untried=untried,
    )
