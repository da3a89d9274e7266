"""Which headers responses carry, with which values, and which they should not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, NginxConfig, Outage
from plimsoll.rules.headers.coverage import (
    UNREAD,
    Fault,
    Hole,
    explained,
    holes_in,
    on_every_response,
    once,
    responses_of,
)

__all__ = [
    "content_typed",
    "header_equals",
    "headers_absent",
    "headers_retired",
    "headers_sent",
    "version_hidden",
]

SUCCESS = range(200, 300)
VERSION = re.compile(r"\d+\.\d+")
DISCLOSING = ("Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator")
SERVER_IN_BODY = re.compile(
    rb"(?:nginx|apache|openresty|caddy|express|uvicorn|lighttpd|haproxy|tomcat|jetty|werkzeug)/\d+\.\d+[\w.]*",
    re.IGNORECASE,
)
ENCODED = re.compile(rb"^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)|<meta\s[^>]*charset\s*=", re.IGNORECASE)
"""How a page itself says its encoding: by a byte order mark, or by a meta element (HTML, 4.2.5.4 and 13.2.3.2)."""
ENCODING_WITHIN = 1024
"""Bytes of a page within which that has to stand."""
RETIRED: Mapping[str, str] = {
    "Public-Key-Pins": "browsers removed it in 2018; a wrong pin locked visitors out",
    "Public-Key-Pins-Report-Only": "browsers removed it in 2018",
    "Expect-CT": "browsers ask for certificate transparency without it (deprecated 2022)",
    "Feature-Policy": "Permissions-Policy took its place in 2020",
    "X-Content-Security-Policy": "a draft's name that browsers no longer read",
    "X-WebKit-CSP": "a draft's name that browsers no longer read",
    "P3P": "a protocol that no browser reads",
    "Pragma-Key-Pins": "never standardised",
    "X-UA-Compatible": "only Internet Explorer read it",
    "X-XSS-Protection": "the filter it steers could be turned against the page; only 0 is harmless",
}
"""Headers that browsers no longer read or that do harm, and why (MDN, "Deprecated"; OWASP Secure Headers Project)."""
HARMLESS: Mapping[str, str] = {"X-XSS-Protection": "0"}
"""The values that do no harm."""


def header_equals(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    name: str,
    value: str,
    alternatives: tuple[str, ...] = (),
    role: str = "edge",
    on: tuple[str, ...] = (),
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every response of the role carries the header exactly once (RFC 9110, 5.3), with that value or an alternative."""
    responses = responses_of(survey, outage, matrix, role=role, on=on, except_on=except_on)
    holes = holes_in(responses, name, once(_other_than(value, *alternatives)))
    expected = f"{name}: {' or '.join((value, *alternatives))}"
    return on_every_response(promise, responses, explained(holes, forwarded, config, role=role), expected=expected)


def headers_sent(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    headers: Mapping[str, str],
    role: str = "edge",
    on: tuple[str, ...] = (),
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every response of the role carries each of these headers exactly once, with its value."""
    responses = responses_of(survey, outage, matrix, role=role, on=on, except_on=except_on)
    holes = [
        hole
        for name, value in headers.items()
        for hole in explained(holes_in(responses, name, once(_other_than(value))), forwarded, config, role=role)
    ]
    expected = ", ".join(f"{name}: {value}" for name, value in headers.items())
    return on_every_response(promise, responses, holes, expected=expected)


def headers_absent(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    config: NginxConfig | None,
    *,
    names: tuple[str, ...],
    allowed: Mapping[str, str] | None = None,
    role: str = "edge",
) -> Finding:
    """No response of the role carries any of these headers, except with a value that is allowed."""
    responses = responses_of(survey, outage, matrix, role=role)
    return _absent(promise, responses, dict.fromkeys(names, ""), allowed or {}, config, role=role)


def headers_retired(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    config: NginxConfig | None,
    *,
    promised: tuple[str, ...] = (),
    role: str = "edge",
) -> Finding:
    """No response carries a header that browsers no longer read or that does harm, unless it is promised elsewhere."""
    responses = responses_of(survey, outage, matrix, role=role)
    spared = {name.lower() for name in promised}
    names = {name: why for name, why in RETIRED.items() if name.lower() not in spared}
    return _absent(promise, responses, names, HARMLESS, config, role=role)


def version_hidden(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    *,
    role: str = "edge",
    headers: tuple[str, ...] = DISCLOSING,
) -> Finding:
    """No response names the version of what produced it, in a header or in an error page."""
    responses = responses_of(survey, outage, matrix, role=role)
    disclosing = [lines for lines in (_told(exchange, headers) for exchange in responses) if lines]
    expected = "no version in Server, X-Powered-By or an error page"
    if not responses:
        return promise.unknown("no response was seen", expected=expected)
    if disclosing:
        return promise.broken(
            expected=expected,
            actual=disclosing[0][0],
            message=f"the version is disclosed on {len(disclosing)} of {len(responses)} responses: {disclosing[0][0]}",
            hint="nginx: server_tokens off; frameworks: remove X-Powered-By",
            evidence=[line for lines in disclosing for line in lines],
        )
    names = sorted({value for e in responses for value in e.values("Server")})
    return promise.kept(
        expected=expected,
        actual=f"Server says {', '.join(names) or 'nothing'}",
        evidence=[exchange.where for exchange in responses],
    )


def content_typed(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    *,
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every body served says what it is, and every HTML page its character encoding (RFC 9110, 8.3; HTML, 4.2.5.4)."""
    responses = [
        e
        for e in responses_of(survey, outage, matrix, role=role, except_on=except_on)
        if e.body and e.status in SUCCESS
    ]

    def untyped(values: tuple[str, ...]) -> str | None:
        return None if values and values[0].partition(";")[0].strip() else ""

    def unencoded(values: tuple[str, ...]) -> str | None:
        kind, _, rest = (values[0] if values else "").lower().partition(";")
        return "without charset" if kind.strip() == "text/html" and "charset=" not in rest else None

    undeclared = [e for e in responses if not ENCODED.search(e.body[:ENCODING_WITHIN])]
    return on_every_response(
        promise,
        responses,
        [*holes_in(responses, "Content-Type", untyped), *holes_in(undeclared, "Content-Type", unencoded)],
        expected="Content-Type on every body, with a charset on text/html or in the page",
        hint="nginx: default_type and charset utf-8; without them browsers guess",
    )


def _absent(
    promise: Promise,
    responses: Sequence[HttpExchange],
    names: Mapping[str, str],
    allowed: Mapping[str, str],
    config: NginxConfig | None,
    *,
    role: str,
) -> Finding:
    """PASS when none of the names is on any response, save with its allowed value."""
    harmless = {name.lower(): spaced(value) for name, value in allowed.items()}

    def holes(name: str, why: str) -> list[Hole]:
        spared = {harmless.get(name.lower())}
        return holes_in(responses, name, lambda values: why if set(map(spaced, values)) - spared else None)

    found = [hole for name, why in names.items() for hole in holes(name, why)]
    expected = f"none of {', '.join(names)}" + "".join(f"; {name} at most {value}" for name, value in allowed.items())
    if not responses:
        return promise.unknown("no response was seen", expected=expected)
    if found:
        first = explained(found[:1], None, config, role=role)[0]
        where = {id(hole.exchange) for hole in found}
        return promise.broken(
            expected=expected,
            actual=first.seen,
            message=f"{len(where)} of {len(responses)} responses carry what they should not, e.g. {first}",
            hint="remove it where it is set; nginx: proxy_hide_header for what the application sends",
            evidence=[f"{hole.exchange.kind}: {hole}" for hole in found],
        )
    return promise.kept(
        expected=expected, actual=f"on none of {len(responses)} responses", evidence=[e.where for e in responses]
    )


def _told(exchange: HttpExchange, headers: Sequence[str]) -> list[str]:
    """Where one response names a version: in headers, or in its body."""
    told = [
        f"{exchange.where}: {header}: {value}"
        for header in headers
        for value in exchange.values(header)
        if VERSION.search(value)
    ]
    if in_body := SERVER_IN_BODY.search(exchange.body):
        told.append(f"{exchange.where}: body says {in_body[0].decode()}")
    return told


def _other_than(*values: str) -> Fault:
    """The fault of a value that is none of these."""
    good = {spaced(value) for value in values}
    return lambda seen: None if set(map(spaced, seen)) <= good else ""


def spaced(value: str) -> str:
    """The value in lower case without the space that may stand around its separators (RFC 9110, 5.6.3)."""
    return re.sub(r"\s*([;,=])\s*", r"\1", value.strip().lower())
