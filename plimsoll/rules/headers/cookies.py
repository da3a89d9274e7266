"""Whether cookies are kept from scripts, from other sites and from plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Finding, Promise
from plimsoll.observations import HeaderMatrix, HttpExchange, HttpSurvey, Outage
from plimsoll.rules.headers.coverage import responses_of
from plimsoll.rules.texts import directives

__all__ = ["cookies_protected"]

SAME_SITE = ("Lax", "Strict")


@dataclass(frozen=True, slots=True)
class _Cookie:
    """One Set-Cookie as browsers read it (RFC 6265, 5.2): the last of an attribute counts. Its value is not kept."""

    exchange: HttpExchange
    name: str
    attributes: dict[str, str]
    removed: bool

    def __str__(self) -> str:
        said = "; ".join("=".join(filter(None, each)) for each in self.attributes.items())
        return f"{self.exchange.where}: Set-Cookie: {self.name}=…{f'; {said}' if said else ''}"


def cookies_protected(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    *,
    names: tuple[str, ...] = (),
    readable: tuple[str, ...] = (),
    same_site: tuple[str, ...] = SAME_SITE,
    required: bool = True,
    role: str = "edge",
) -> Finding:
    """Every cookie, a login's included, is Secure, HttpOnly and SameSite, and as its prefix says (RFC 6265bis, 4.1.3).

    `names` are those that must be seen, `readable` those that scripts may read; without `required`, a site that sets
    none is not concerned.
    """
    expected = f"Secure; HttpOnly; SameSite={' or '.join(same_site)} on {', '.join(names) or 'every cookie'}"
    responses = responses_of(survey, outage, matrix, role=role)
    cookies = [cookie for exchange in responses for cookie in _cookies(exchange)]
    seen = {cookie.name for cookie in cookies if not cookie.removed}
    wrong = [
        (cookie, why)
        for cookie in cookies
        if (why := ", ".join(_faults(cookie, readable=readable, same_site=same_site)))
    ]
    if wrong:
        cookie, why = wrong[0]
        return promise.broken(
            expected=expected,
            actual=str(cookie),
            message=f"the cookie {cookie.name} {why}: {cookie}",
            hint="Set-Cookie: __Host-name=…; Path=/; Secure; HttpOnly; SameSite=Lax",
            evidence=[f"{cookie}: {why}" for cookie, why in wrong],
        )
    if unseen := [name for name in names if name not in seen]:
        return promise.unknown(f"the cookie {unseen[0]} was never set", expected=expected, hint="[paths] login sets it")
    if not seen:
        if required or not responses:
            return promise.unknown(f"no cookie was set on {len(responses)} responses", expected=expected)
        return promise.not_applicable(f"no cookie was set on {len(responses)} responses")
    return promise.kept(
        expected=expected, actual=f"{', '.join(sorted(seen))}: {len(cookies)} times", evidence=[*map(str, cookies)]
    )


def _cookies(exchange: HttpExchange) -> Iterator[_Cookie]:
    for value in exchange.values("Set-Cookie"):
        pair, _, rest = value.partition(";")
        name, equals, content = pair.partition("=")
        attributes = dict(directives(rest))
        gone = attributes.get("max-age", "").startswith(("0", "-")) or "1970" in attributes.get("expires", "")
        yield _Cookie(exchange, name.strip() if equals else "", attributes, gone and not content.strip(' "'))


def _faults(cookie: _Cookie, *, readable: tuple[str, ...], same_site: tuple[str, ...]) -> Iterator[str]:
    """What a cookie lacks; one that is taken away needs no protection."""
    said, name = cookie.attributes, cookie.name
    if not name:
        yield "has no name"
    if cookie.removed:
        return
    if "secure" not in said:
        yield "lacks Secure"
    elif cookie.exchange.url.startswith("http:") and cookie.exchange.role == "edge":
        yield "is set over plain HTTP, where browsers do not take a Secure one"
    if "httponly" not in said and name not in readable:
        yield "lacks HttpOnly"
    if said.get("samesite", "").lower() not in {each.lower() for each in same_site}:
        yield f"has SameSite={said['samesite']}" if "samesite" in said else "lacks SameSite"
    if name.lower().startswith("__host-") and (said.get("path") != "/" or "domain" in said):
        yield "is refused by browsers: __Host- takes Path=/ and no Domain"
