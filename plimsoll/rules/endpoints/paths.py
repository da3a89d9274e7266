"""How the answers of one path differ from those of all others."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import AccessLog, HttpExchange, HttpSurvey, NginxConfig, Sibling, Siblings
from plimsoll.rules.endpoints.answering import SUCCESS, asked, place, says_of
from plimsoll.rules.endpoints.states import fields_of, told
from plimsoll.rules.headers.blame import answering

__all__ = ["health_unlike_unknown", "path_not_logged"]

CONDITION = " if="
"""What makes an access_log one of some requests only; which ones, the log itself tells."""

LONGEST_LINE = 200
"""Characters of a log's line that a message shows."""


def health_unlike_unknown(promise: Promise, siblings: Siblings, *, path: str, role: str = "edge") -> Finding:
    """A path that nobody has does not get the endpoint's own answer: success for everything is no health check."""
    expected = f"the {path} endpoint answers otherwise than a path nobody has"
    pairs = [p for p in siblings.pairs if p.known.kind == path and p.known.role == place(role)]
    if not pairs:
        return promise.unknown(f"no example of {path!r} is named under [paths]", expected=expected, out_of_reach=True)
    evidence = [each.where for pair in pairs for each in (pair.known, pair.unknown)]
    for pair in pairs:
        if pair.known.status not in SUCCESS:
            fact = f"the {path} endpoint does not answer success, so nothing compares: {pair.known.where}"
            return promise.unknown(fact, expected=expected, evidence=evidence)
        if pair.unknown.status is None:
            return promise.unknown(f"nobody could tell: {pair.unknown.where}", expected=expected, evidence=evidence)
        if pair.unknown.status in SUCCESS and _alike(pair):
            return promise.broken(
                expected=expected,
                actual=pair.unknown.where,
                message=f"what nobody has gets the answer of {path}: {pair.unknown.where}",
                hint="a page for everything stands in front of the endpoint; serve it before the fallback",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=evidence[1], evidence=evidence)


def path_not_logged(
    promise: Promise,
    survey: HttpSurvey,
    config: NginxConfig,
    log: AccessLog | None,
    *,
    path: str,
    on: tuple[str, ...] = (),
) -> Finding:
    """The edge answers at the path as at those of `on`, and writes no line about it into its access log."""
    expected = f"success at the {path} path{f', as at {on[0]}' if on else ''}, and access_log off there"
    exchange = next((e for e in asked(survey, path, "edge") if e.status is not None), None)
    if exchange is None:
        return promise.unknown(f"the {path} path could not be asked", expected=expected)
    evidence = [exchange.where]
    others = [e for kind in on for e in asked(survey, kind, "edge") if e.status in SUCCESS]
    wrong = f"the {path} path does not answer success: {exchange.where}" if exchange.status not in SUCCESS else ""
    if not wrong and on and not any(_same_shape(exchange, other) for other in others):
        wrong = f"the {path} path does not answer as {on[0]} does: {says_of(exchange) or exchange.where}"
    written, proved = _found(log, path)
    place = _logs_at(config, exchange)
    conditional = bool(place) and CONDITION in str(place)
    if not wrong and config.test_passed is False:
        wrong = f"nginx refuses the configuration: {config.test}"
    if not wrong and (written or (place and not conditional)):
        wrong = f"requests to {path} are logged: {place or written[0]}"
    if wrong:
        return promise.broken(
            expected=expected,
            actual=written[0] if written else place or exchange.where,
            message=wrong,
            hint="access_log off; in the location of the path: probes every few seconds drown what matters",
            evidence=[*evidence, *written[:1]],
        )
    if not proved and (place is None or conditional):
        why = place or "no server block for it was found"
        return promise.unknown(f"nobody could tell whether {path} is logged: {why}", expected=expected)
    actual = "a page is in the log and the path is not" if proved else "the configuration says so"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _found(log: AccessLog | None, path: str) -> tuple[list[str], bool]:
    """The lines about a path, and whether their absence would prove anything: only if others are in the log."""
    requests = log.requests if log else ()
    written = [line[:LONGEST_LINE] for each in requests if each.exchange.kind == path for line in each.lines]
    asked_for = any(each.exchange.kind == path and each.exchange.status is not None for each in requests)
    return written, asked_for and any(each.lines for each in requests if each.exchange.kind != path)


def _logs_at(config: NginxConfig, exchange: HttpExchange) -> str | None:
    """Where the configuration has requests like this one logged; "" if nowhere, None if it does not serve them."""
    context = answering(config, exchange)
    if context is None:
        return None
    lines = config.effective("access_log", context)
    if not lines:
        return f"no access_log off at {context[-1].rpartition('#')[2]}"
    on = [line for line in lines if line.arguments[:1] != ("off",)]
    return f"{on[0].where}: access_log {' '.join(on[0].arguments)}" if on else ""


def _alike(pair: Sibling) -> bool:
    """Whether both answers are one: the same page, whatever moves in it from answer to answer."""
    known, unknown = pair.known, pair.unknown
    if _media(known) != _media(unknown):
        return False
    return known.body == unknown.body or _media(known) == "text/html" or _same_shape(known, unknown)


def _same_shape(one: HttpExchange, other: HttpExchange) -> bool:
    """Whether both are JSON with the same fields, or both say the same."""
    first, second = told(one), told(other)
    if isinstance(first, dict) and isinstance(second, dict):
        return {name for name, _ in fields_of(first)} == {name for name, _ in fields_of(second)}
    return one.body == other.body


def _media(exchange: HttpExchange) -> str:
    return next(iter(exchange.values("Content-Type")), "").partition(";")[0].strip().lower()
