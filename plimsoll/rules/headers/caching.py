"""What responses say to caches, and caches of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, NginxConfig
from plimsoll.rules.headers.coverage import explained, holes_in, on_every_response, once, responses_of
from plimsoll.rules.texts import directives

__all__ = ["cache_control", "cache_status_exposed", "private_not_cached"]

STATUSES = ("HIT", "MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED")
"""What nginx says of its cache ($upstream_cache_status, ngx_http_upstream_module)."""

KEPT_UNASKED = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})
"""Statuses that a cache may keep although nothing is said of it (RFC 9110, 15.1)."""


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


def private_not_cached(
    promise: Promise,
    survey: HttpSurvey,
    matrix: HeaderMatrix | None,
    *,
    on: tuple[str, ...] = ("private",),
    even_privately: bool = False,
) -> Finding:
    """No shared cache, or with `even_privately` none at all, keeps what private paths answer (RFC 9111, 5.2.2)."""
    good = ("no-store",) if even_privately else ("no-store", "private")
    expected = f"Cache-Control: {' or '.join(good)} on {', '.join(on)} responses"
    seen = [e for e in responses_of(survey, None, matrix, on=on) if e.method != "OPTIONS"]
    responses = [e for e in seen if e.status in KEPT_UNASKED or e.values("Cache-Control") or e.values("Expires")]
    if not responses:
        why = "only refusals, which no cache keeps, were seen" if seen else f"no response of {', '.join(on)} was seen"
        unnamed, nobody_logged_in = not survey.of(*on), bool(seen) and not survey.of("login")
        hint = "name an example under [paths]" if unnamed else "what somebody gets who has logged in was not seen"
        return promise.unknown(why, expected=expected, hint=hint, out_of_reach=unnamed or nobody_logged_in)
    wrong = []
    for exchange in responses:
        said = exchange.values("Cache-Control")
        names = {name for name, _ in directives(",".join(said), separator=",")}
        if not names & set(good) or "public" in names:
            wrong.append(f"{exchange.where}: Cache-Control: {' | '.join(said) or 'missing'}")
    if wrong:
        return promise.broken(
            expected=expected,
            actual=wrong[0],
            message=f"a cache may keep what is private: {wrong[0]}",
            hint="Cache-Control: no-store where the response is made, on refusals too",
            evidence=wrong,
        )
    return promise.kept(expected=expected, actual=f"on {len(responses)} responses", evidence=_list(responses))


def cache_status_exposed(
    promise: Promise,
    survey: HttpSurvey,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    name: str = "X-Cache-Status",
    on: tuple[str, ...] = ("page",),
    values: tuple[str, ...] = STATUSES,
) -> Finding:
    """Every proxied response says once how the cache served it."""
    known = {value.lower() for value in values}
    responses = responses_of(survey, None, matrix, on=on)
    holes = holes_in(
        responses, name, once(lambda seen: None if seen[0].strip().lower() in known else "says nothing of a cache")
    )
    return on_every_response(
        promise,
        responses,
        explained(holes, forwarded, config),
        expected=f"{name}: {', '.join(values)}",
        hint="nginx: proxy_cache, and add_header X-Cache-Status $upstream_cache_status always;"
        " an empty value is not sent",
    )


def _unlike(said: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]) -> str:
    """What tells the cache directives said from those wanted, in words; nothing if they mean the same."""
    lacking, excess = dict.fromkeys(wanted).keys() - said, dict.fromkeys(said).keys() - wanted
    return "; ".join(
        f"{verb} {', '.join(sorted('='.join(filter(None, each)) for each in differing))}"
        for verb, differing in (("lacks", lacking), ("has", excess))
        if differing
    )


def _list(responses: Sequence[HttpExchange]) -> list[str]:
    return [exchange.where for exchange in responses]
