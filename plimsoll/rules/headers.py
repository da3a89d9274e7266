"""What responses say to browsers and caches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HttpExchange, HttpSurvey, NginxConfig, Outage
from plimsoll.rules.csp import too_wide
from plimsoll.rules.texts import directives, whole_number

__all__ = [
    "cache_control",
    "content_security_policy",
    "header_equals",
    "strict_transport_security",
    "version_hidden",
]

AREA = "headers"
"""The area a promise of these rules belongs to unless it says otherwise."""

ALWAYS_HINT = (
    "nginx: add_header needs `always` for error statuses; a block that adds one header drops all inherited ones"
)
MISSING = "missing"
NGINX_ADDS_ON = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
"""Statuses on which nginx sends add_header without `always` (ngx_http_headers_module)."""
VERSION = re.compile(r"\d+\.\d+")
DISCLOSING = ("Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator")
SERVER_IN_BODY = re.compile(rb"(?:nginx|apache|openresty|caddy|express|uvicorn)/\d+\.\d+[\w.]*", re.IGNORECASE)


def header_equals(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    name: str,
    value: str,
) -> Finding:
    """Every response of the edge carries the header exactly once (RFC 9110, 5.3), with that value."""
    responses = answered(survey, outage)
    holes = list(_holes(responses, name, lambda seen: _spaced(seen) == _spaced(value)))
    return _every_response(
        promise, responses, holes, name, expected=f"{name}: {value}", cause=_cause(name, holes, forwarded, config)
    )


def strict_transport_security(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    max_age: int,
    include_subdomains: bool = False,
    preload: bool = False,
    role: str = "edge",
) -> Finding:
    """Every HTTPS response (of the application: every one) carries one HSTS header strong enough (RFC 6797, 6.1)."""

    def weakness(seen: str) -> str:
        said = dict(reversed(directives(seen)))  # of duplicates the first counts
        age = whole_number(said.get("max-age", "").strip('"'))
        lacking = [
            *([] if age is not None and age >= max_age else [f"max-age is below {max_age}"]),
            *(["lacks includeSubDomains"] if include_subdomains and "includesubdomains" not in said else []),
            *(["lacks preload"] if preload and "preload" not in said else []),
        ]
        return ", ".join(lacking)

    name = "Strict-Transport-Security"
    wanted = f"max-age>={max_age}" + "; includeSubDomains" * include_subdomains + "; preload" * preload
    responses = [e for e in answered(survey, outage, role=role) if role != "edge" or e.url.startswith("https:")]
    holes = list(_holes(responses, name, lambda seen: not weakness(seen)))
    shown = holes[0][0].values(name) if holes else ()
    where = _cause(name, holes, forwarded, config) if role == "edge" else ""
    cause = "; ".join(part for part in (weakness(shown[0]) if len(shown) == 1 else "", where) if part)
    return _every_response(promise, responses, holes, name, expected=f"{name}: {wanted}", cause=cause)


def content_security_policy(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    allowed: Mapping[str, tuple[str, ...]],
) -> Finding:
    """Every response carries one policy that allows no source beyond those named (CSP Level 3)."""
    name = "Content-Security-Policy"
    responses = answered(survey, outage)
    holes = list(_holes(responses, name, lambda seen: not list(too_wide(seen, allowed))))
    shown = holes[0][0].values(name) if holes else ()
    cause = "; ".join(too_wide(shown[0], allowed)) if len(shown) == 1 else _cause(name, holes, forwarded, config)
    wanted = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in allowed.items())
    return _every_response(promise, responses, holes, name, expected=f"{name}: no more than {wanted}", cause=cause)


def version_hidden(promise: Promise, survey: HttpSurvey, outage: Outage | None) -> Finding:
    """No response names the version of what produced it, in a header or in an error page."""
    responses = answered(survey, outage)
    disclosing = [lines for lines in map(_told, responses) if lines]
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
        expected=expected, actual=f"Server says {', '.join(names) or 'nothing'}", evidence=_list(responses)
    )


def _told(exchange: HttpExchange) -> list[str]:
    """Where one response names a version: in headers, or in its body."""
    told = [
        f"{exchange.where}: {header}: {value}"
        for header in DISCLOSING
        for value in exchange.values(header)
        if VERSION.search(value)
    ]
    if in_body := SERVER_IN_BODY.search(exchange.body):
        told.append(f"{exchange.where}: body says {in_body[0].decode()}")
    return told


def cache_control(
    promise: Promise,
    survey: HttpSurvey,
    *,
    on: str,
    value: str,
    also: Mapping[str, str] | None = None,
    present: tuple[str, ...] = (),
) -> Finding:
    """Responses of one path class carry exactly these cache directives and what goes with them (RFC 9111)."""
    responses = [e for e in survey.of(on) if e.status is not None]
    wanted = directives(value, separator=",")
    expected = f"Cache-Control: {value}" + "".join(f"; {k}: {v}" for k, v in (also or {}).items())
    if not responses:
        return promise.unknown(
            f"no response of the path class {on!r} was seen", expected=expected, hint="name an example under [paths]"
        )
    wrong = []
    for exchange in responses:
        said = exchange.values("Cache-Control")
        if unlike := _unlike(directives(",".join(said), separator=","), wanted):
            wrong.append(f"{exchange.where}: Cache-Control: {' | '.join(said) or 'missing'} ({unlike})")
        for header, part in (also or {}).items():
            tokens = {token.strip().lower() for v in exchange.values(header) for token in (v, *v.split(","))}
            if part.lower() not in tokens:
                wrong.append(
                    f"{exchange.where}: {header}: {' | '.join(exchange.values(header)) or 'missing'}, without {part}"
                )
        wrong += [f"{exchange.where}: {header} is missing" for header in present if not exchange.values(header)]
    if wrong:
        return promise.broken(
            expected=expected,
            actual=wrong[0],
            message=f"caching of {on} responses is not as promised: {wrong[0]}",
            hint="set the header where the response is made; caches combine several Cache-Control headers into one",
            evidence=wrong,
        )
    if silent := [e for e in survey.of(on) if e.status is None]:
        return promise.unknown(f"not every {on} response was seen: {silent[0].trouble}", expected=expected)
    return promise.kept(expected=expected, actual=f"on {len(responses)} responses", evidence=_list(responses))


def answered(survey: HttpSurvey, outage: Outage | None, *, role: str = "edge") -> list[HttpExchange]:
    """Every response one role gave, those while the application was down included."""
    seen = [*survey.of(role=role), *(outage.of(role=role) if outage else ())]
    return [exchange for exchange in seen if exchange.status is not None]


def _holes(
    responses: Iterable[HttpExchange], name: str, good: Callable[[str], bool]
) -> Iterator[tuple[HttpExchange, str]]:
    """The responses on which the header is missing, sent more than once, or not good; with what was seen instead."""
    for exchange in responses:
        values = exchange.values(name)
        if not values:
            yield exchange, MISSING
        elif len(values) > 1:
            kind = "sent twice with the same value" if len(set(values)) == 1 else "sent with conflicting values"
            yield exchange, f"{kind}: {' | '.join(values)}"
        elif not good(values[0]):
            yield exchange, values[0]


def _every_response(
    promise: Promise,
    responses: Sequence[HttpExchange],
    holes: Sequence[tuple[HttpExchange, str]],
    name: str,
    *,
    expected: str,
    cause: str,
) -> Finding:
    """PASS when no response is a hole; the message of a failure names how many, one of them, and the cause."""
    if not responses:
        return promise.unknown("no response was seen", expected=expected)
    if not holes:
        return promise.kept(expected=expected, actual=f"on all {len(responses)} responses", evidence=_list(responses))
    exchange, seen = holes[0]
    share = "every response" if len(holes) == len(responses) else f"{len(holes)} of {len(responses)} responses"
    missing = seen == MISSING
    return promise.broken(
        expected=expected,
        actual=f"{name} is missing" if missing else _named(name, seen),
        message=f"{name} is not as promised on {share}, e.g. {exchange.where}: {_named(name, seen)}"
        + (f" ({cause})" if cause else ""),
        hint=ALWAYS_HINT if missing else "send the header once, from one place",
        evidence=[f"{hole.where}: {_named(name, what)}" for hole, what in holes],
    )


def _named(name: str, seen: str) -> str:
    """What was seen, a value under its header's name: by that, what is secret can be told from what is not."""
    return seen if seen == MISSING else f"{name}: {seen}"


def _cause(
    name: str,
    holes: Sequence[tuple[HttpExchange, str]],
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
) -> str:
    """Why a header is not where it should be, as far as the other observations tell."""
    if not holes:
        return ""
    if forwarded is not None and forwarded.values(name) and all(seen == MISSING for _, seen in holes):
        return "it is sent upstream to the application instead of to the client"
    if config is not None:
        lines = [d for d in config.named("add_header") if d.arguments and d.arguments[0].lower() == name.lower()]
        without = [d for d in lines if "always" not in d.arguments[2:]]
        if without and all(seen == MISSING and hole.status not in NGINX_ADDS_ON for hole, seen in holes):
            return f"{without[0].where} lacks `always`"
        if not lines:
            return "no add_header for it in the configuration"
        return f"set at {lines[0].where}"
    return ""


def _unlike(said: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]) -> str:
    """What tells the cache directives said from those wanted, in words; nothing if they mean the same."""
    lacking, excess = dict.fromkeys(wanted).keys() - said, dict.fromkeys(said).keys() - wanted
    return "; ".join(
        f"{verb} {', '.join(sorted('='.join(filter(None, each)) for each in differing))}"
        for verb, differing in (("lacks", lacking), ("has", excess))
        if differing
    )


def _spaced(value: str) -> str:
    """The value in lower case without the space that may stand around its separators (RFC 9110, 5.6.3)."""
    return re.sub(r"\s*([;,=])\s*", r"\1", value.strip().lower())


def _list(responses: Sequence[HttpExchange]) -> list[str]:
    return [exchange.where for exchange in responses]
