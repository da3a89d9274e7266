"""What browsers are told to forbid: plain HTTP, framing, referrers, features, and neighbours of other origins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, NginxConfig, Outage
from plimsoll.rules.headers.coverage import UNREAD, Fault, explained, holes_in, on_every_response, responses_of
from plimsoll.rules.headers.csp import parsed, policies
from plimsoll.rules.texts import directives, whole_number

__all__ = [
    "cross_origin_isolated",
    "framing_forbidden",
    "permissions_policy",
    "referrer_policy",
    "strict_transport_security",
]

HSTS = "Strict-Transport-Security"
NO_CONTENT = 204
REDIRECTS = range(300, 400)

LEAKS: Mapping[str, tuple[int, int, int]] = {
    "no-referrer": (0, 0, 0),
    "same-origin": (2, 0, 0),
    "strict-origin": (1, 1, 0),
    "origin": (1, 1, 1),
    "strict-origin-when-cross-origin": (2, 1, 0),
    "origin-when-cross-origin": (2, 1, 1),
    "no-referrer-when-downgrade": (2, 2, 0),
    "unsafe-url": (2, 2, 2),
}
"""What each referrer policy tells the same origin, another one, and one over plain HTTP: 0 nothing, 1 the origin, 2 all
(Referrer Policy, 3)."""

STRICTNESS: Mapping[str, tuple[str, ...]] = {
    "Cross-Origin-Opener-Policy": ("same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"),
    "Cross-Origin-Embedder-Policy": ("require-corp", "credentialless", "unsafe-none"),
    "Cross-Origin-Resource-Policy": ("same-origin", "same-site", "cross-origin"),
}
"""The values of the cross-origin headers, the strictest first (HTML, 7.1.3 and 7.1.4; Fetch, 3.7)."""


def strict_transport_security(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    max_age: int,
    include_subdomains: bool = False,
    preload: bool = False,
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every HTTPS response (behind the edge: every one) begins HSTS with one strong enough (RFC 6797, 6.1 and 8.1)."""

    def weakness(seen: str) -> str:
        said = directives(seen)
        twice = [name for name, times in Counter(name for name, _ in said).items() if times > 1]
        if twice:
            return f"{twice[0]} is said twice, so browsers ignore the header (RFC 6797, 6.1)"
        values = dict(said)
        age = whole_number(values.get("max-age", "").strip('"'))
        young = "max-age=0 switches it off" if age == 0 and max_age else f"max-age is below {max_age}"
        lacking = [
            *([] if age is not None and age >= max_age else [young]),
            *(["lacks includeSubDomains"] if include_subdomains and "includesubdomains" not in values else []),
            *(["lacks preload"] if preload and "preload" not in values else []),
        ]
        return ", ".join(lacking)

    def fault(values: tuple[str, ...]) -> str | None:
        return weakness(values[0]) or None if values else ""

    everything = responses_of(survey, outage, matrix, role=role, except_on=except_on)
    secure = [e for e in everything if role != "edge" or e.url.startswith("https:")]
    expected = f"{HSTS}: max-age>={max_age}" + "; includeSubDomains" * include_subdomains + "; preload" * preload
    if everything and not secure:
        plain = f"the {role} speaks http, not TLS, and browsers ignore it there (RFC 6797, 7.2)"
        return promise.unknown(plain, expected=expected, out_of_reach=True)
    holes = explained(holes_in(secure, HSTS, fault), forwarded, config, role=role)
    in_vain = [e for e in everything if e not in secure and e.values(HSTS)] if role == "edge" else []
    return on_every_response(
        promise,
        secure,
        holes,
        expected=expected,
        note="; also over plain HTTP, where browsers ignore it (RFC 6797, 7.2)" if in_vain else "",
    )


def framing_forbidden(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    same_origin: bool = False,
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """No page lets others frame it, by frame-ancestors or else by X-Frame-Options (CSP Level 3, 6.4.2; HTML, 7.7)."""
    ancestors = {("'none'",), ("'self'",)} if same_origin else {("'none'",)}
    values = {"deny", "sameorigin"} if same_origin else {"deny"}

    def by_policy(exchange: HttpExchange) -> bool | None:
        said = [parsed(each).get("frame-ancestors") for each in policies(exchange)]
        told = [each or ("'none'",) for each in said if each is not None]
        return any(each in ancestors for each in told) if told else None

    responses = rendered(responses_of(survey, outage, matrix, role=role, except_on=except_on))
    loose = [e for e in responses if by_policy(e) is False]
    rest = [e for e in responses if by_policy(e) is None]

    def fault(seen: tuple[str, ...]) -> str | None:
        told = {part.strip().lower() for value in seen for part in value.split(",")} - {""}
        return None if len(told) == 1 and told <= values else ""

    holes = [
        *holes_in(loose, "Content-Security-Policy", lambda _: "its frame-ancestors let others frame the page"),
        *holes_in(rest, "X-Frame-Options", fault),
    ]
    wanted = "'none'" + " or 'self'" * same_origin
    return on_every_response(
        promise,
        responses,
        explained(holes, forwarded, config, role=role),
        expected=f"frame-ancestors {wanted}, or X-Frame-Options: DENY" + " or SAMEORIGIN" * same_origin,
    )


def referrer_policy(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    at_least: str = "strict-origin-when-cross-origin",
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every page tells others at most what that referrer policy would; of several the last known one counts."""
    most = LEAKS.get(at_least.lower())
    if most is None:
        return promise.unknown(f"{at_least} is no referrer policy", expected=", ".join(LEAKS))

    def fault(values: tuple[str, ...]) -> str | None:
        tokens = [part.strip().lower() for value in values for part in value.split(",")]
        known = [token for token in tokens if token in LEAKS]
        if not known:
            return "no browser knows it"
        told = zip(LEAKS[known[-1]], most, strict=True)
        return f"{known[-1]} tells more than {at_least}" if any(a > b for a, b in told) else None

    responses = rendered(responses_of(survey, outage, matrix, role=role, except_on=except_on))
    holes = explained(holes_in(responses, "Referrer-Policy", fault), forwarded, config, role=role)
    return on_every_response(promise, responses, holes, expected=f"Referrer-Policy: {at_least} or stricter")


def permissions_policy(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    denied: tuple[str, ...],
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every page denies these features to itself and to all it frames (Permissions Policy, 9.5)."""

    def fault(values: tuple[str, ...]) -> str | None:
        members = re.findall(r"([a-z][\w.*-]*)\s*=\s*(\([^)]*\)|[^,\s]*)", ",".join(values).lower())
        said = {name: allowlist.strip("()").split() for name, allowlist in members}
        if unsaid := [feature for feature in denied if feature.lower() not in said]:
            return f"says nothing of {', '.join(unsaid)}"
        open_ = [feature for feature in denied if said[feature.lower()]]
        return f"lets {', '.join(open_)} be used" if open_ else None

    responses = rendered(responses_of(survey, outage, matrix, role=role, except_on=except_on))
    holes = explained(holes_in(responses, "Permissions-Policy", fault), forwarded, config, role=role)
    return on_every_response(
        promise,
        responses,
        holes,
        expected=f"Permissions-Policy: {', '.join(f'{feature}=()' for feature in denied)}",
    )


def cross_origin_isolated(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    opener: str = "same-origin",
    embedder: str = "",
    resource: str = "",
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every page keeps other origins' windows, embeds and loads apart at least as strictly as promised."""
    promised = {name: least for name, least in zip(STRICTNESS, (opener, embedder, resource), strict=True) if least}
    responses = rendered(responses_of(survey, outage, matrix, role=role, except_on=except_on))
    holes = [
        hole
        for name, least in promised.items()
        for hole in explained(
            holes_in(responses, name, _looser_than(STRICTNESS[name], least)), forwarded, config, role=role
        )
    ]
    expected = ", ".join(f"{name}: {least} or stricter" for name, least in promised.items())
    return on_every_response(promise, responses, holes, expected=expected or "nothing")


def rendered(responses: Sequence[HttpExchange]) -> list[HttpExchange]:
    """The responses that a browser shows: neither redirects nor answers without content."""
    return [e for e in responses if e.status not in REDIRECTS and e.status != NO_CONTENT]


def _looser_than(order: tuple[str, ...], least: str) -> Fault:
    """The fault of a value that is looser than the least strict one allowed; an unknown one is the loosest."""
    good = order[: order.index(least) + 1] if least in order else (least,)

    def fault(values: tuple[str, ...]) -> str | None:
        said = {value.partition(";")[0].strip().lower() for value in values}
        return None if len(said) == 1 and said <= set(good) else f"looser than {least}"

    return fault
