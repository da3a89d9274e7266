"""What endpoints answer to the programs that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpExchange, HttpSurvey
from plimsoll.rules.endpoints.states import fields_of, told
from plimsoll.rules.texts import address

__all__ = ["endpoint_answers"]

SUCCESS = range(200, 300)
NOTHING: Mapping[str, str] = MappingProxyType({})


def endpoint_answers(
    promise: Promise,
    survey: HttpSurvey,
    *,
    path: str,
    role: str = "edge",
    port: int = 0,
    on: tuple[str, ...] = (),
    apart_from: str = "",
    fields: tuple[str, ...] = (),
    says: Mapping[str, str] = NOTHING,
) -> Finding:
    """The endpoint answers success on that port, as JSON with those fields and values where any are promised.

    `on` names further path classes that answer alike, for instance on other hosts; `apart_from` a path class it must
    not share its path with. `fields` and the keys of `says` are the names of JSON fields, dotted where they are nested.
    """
    kinds = (path, *on)
    expected = f"2xx from the {' and '.join(kinds)} endpoint" + (f" on port {port}" if port else "")
    expected += f" with {', '.join(fields)}" if fields else ""
    expected += "".join(f", {name} {value!r}" for name, value in says.items())
    seen: tuple[HttpExchange, ...] = ()
    for kind in kinds:
        answers = asked(survey, kind, role)
        if not answers or all(e.status is None for e in answers):
            return _shut(promise, survey, answers, role, expected) or silent(promise, answers, kind, expected)
        seen += answers
    evidence = [e.where for e in seen]
    if apart_from and {e.url for e in seen} & {e.url for e in asked(survey, apart_from, role)}:
        return promise.broken(
            expected=f"{expected}, apart from {apart_from}",
            actual=seen[0].url,
            message=f"{path} and {apart_from} are the same path: a sick application keeps getting traffic or is killed",
            hint="readiness asks the dependencies, liveness only the process itself",
            evidence=evidence,
        )
    bad = [e for e in seen if e.status is not None and (e.status not in SUCCESS or not is_on(port, e))]
    if bad:
        return promise.broken(
            expected=expected,
            actual=bad[0].where,
            message=f"the {bad[0].kind} endpoint does not answer success: {bad[0].where}",
            hint=says_of(bad[0]) or "look at the application's log",
            evidence=evidence,
        )
    if mute := tuple(e for e in seen if e.status is None):
        return silent(promise, mute, mute[0].kind, expected)
    for exchange in seen:
        if lacking := _lacks(exchange, fields, says):
            return promise.broken(
                expected=expected,
                actual=says_of(exchange) or "an empty body",
                message=f"the {exchange.kind} endpoint does not say what is promised: {lacking}",
                hint="whoever watches reads these fields; a renamed one silences the watch",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=seen[0].where, evidence=evidence)


def asked(survey: HttpSurvey, kind: str, role: str) -> tuple[HttpExchange, ...]:
    """The answers of a role to a path class. What an edge answers without TLS beside TLS is its plain port's."""
    plain = role == "edge-plain"
    seen = survey.of(kind, role="edge" if plain else role)
    unsafe = tuple(e for e in seen if address(e.url).scheme == "http")
    if plain:
        return unsafe
    return tuple(e for e in seen if e not in unsafe) or unsafe


def _lacks(exchange: HttpExchange, fields: tuple[str, ...], says: Mapping[str, str]) -> str:
    """What the answer lacks of the fields and values promised; "" if nothing."""
    if not fields and not says:
        return ""
    report = told(exchange)
    if not isinstance(report, dict):
        return f"no JSON object but {exchange.body[:60].decode('utf-8', 'replace')!r}"
    known = dict(fields_of(report))
    if absent := [name for name in (*fields, *says) if known.get(name) is None]:
        return f"no {', '.join(absent)}"
    wrong = [(name, known[name]) for name, value in says.items() if _text(known[name]) != value]
    return "; ".join(f"{name} is {_text(value)!r}" for name, value in wrong)


def _text(value: object) -> str:
    """A JSON value as a promise writes it: true, not True."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shut(
    promise: Promise, survey: HttpSurvey, seen: tuple[HttpExchange, ...], role: str, expected: str
) -> Finding | None:
    """The finding that the port refuses connections while the same role answers at another: that is no silence."""
    if not seen or not all(e.closed for e in seen) or all(e.status is None for e in survey.of(role=place(role))):
        return None
    return promise.broken(
        expected=expected,
        actual=seen[0].where,
        message=f"nothing listens where the {seen[0].kind} endpoint is promised: {seen[0].where}",
        hint="the server has no such port: nginx: listen 80; compose: ports",
        evidence=[e.where for e in seen],
    )


def silent(promise: Promise, seen: tuple[HttpExchange, ...], path: str, expected: str) -> Finding:
    """The finding that an endpoint gave no answer, and why; one that the deployment does not name is out of reach."""
    why = seen[0].trouble if seen else f"no example of {path!r} is named under [paths]"
    return promise.unknown(
        f"the {path} endpoint could not be asked: {why}",
        expected=expected,
        hint="" if seen else f'[paths] {path} = "/…"',
        out_of_reach=not seen,
    )


def is_on(port: int, exchange: HttpExchange) -> bool:
    """Whether the exchange was with that port, where one is promised."""
    return not port or address(exchange.url).port == port


def says_of(exchange: HttpExchange) -> str:
    """The beginning of an answer, for hints; "" if it is empty."""
    text = exchange.body[:200].decode("utf-8", "replace").strip()
    return f"it says: {text}" if text else ""


def place(role: str) -> str:
    """The role that the answers of a role carry: an edge's plain port is the edge."""
    return "edge" if role.startswith("edge") else role
