"""What health endpoints say, and whether it is true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpExchange, HttpSurvey, NginxConfig, Sickness
from plimsoll.rules.texts import address

__all__ = ["endpoint_unlogged", "health_honest", "health_reports"]

AREA = "endpoints"
"""The area a promise of these rules belongs to unless it says otherwise."""

SUCCESS = range(200, 300)
WELL = frozenset({"ok", "up", "healthy", "pass", "ready", "alive", "fulfilled", "green"})
"""How the frameworks and guides in the field say that all is well (terminus, actuator, RFC draft inadarei)."""
NAMES = ("service", "component", "name")
"""Under which key a list of checks names what was checked."""


def health_reports(
    promise: Promise,
    survey: HttpSurvey,
    *,
    path: str,
    fields: tuple[str, ...] = (),
    components: tuple[str, ...] = (),
    role: str = "edge",
    port: int = 0,
) -> Finding:
    """The health answer is JSON that says all is well, has every field named, and a state for every component."""
    expected = f"{path} with {', '.join(fields)}" if fields else f"{path} with a state of {', '.join(components)}"
    seen = survey.of(path, role=role)
    answered = [e for e in seen if e.status is not None]
    if not answered:
        why = seen[0].trouble if seen else f"no example of {path!r} is named under [paths]"
        return promise.unknown(f"the {path} endpoint could not be asked: {why}", expected=expected)
    exchange = answered[0]
    document = _document(exchange)
    states = dict(_states(document))
    actual = f"{exchange.where}: {', '.join(f'{name} {state}' for name, state in states.items()) or _short(exchange)}"
    absent = [name for name in fields if not isinstance(document, Mapping) or document.get(name) in (None, "")]
    unnamed = [name for name in components if name not in states]
    sick = [f"{name} is {states[name]}" for name in components if name in states and states[name] not in WELL]
    trouble = (
        (exchange.status not in SUCCESS and exchange.where)
        or (port and address(exchange.url).port != port and f"asked at {exchange.url}")
        or (not isinstance(document, Mapping) and f"no JSON object: {_short(exchange)}")
        or (absent and f"it lacks {', '.join(absent)}")
        or (unnamed and f"it says nothing of {', '.join(unnamed)}")
        or ("; ".join(sick))
        or (str(_said(document)) not in WELL and f"status is {_said(document) or 'missing'}")
    )
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the {path} endpoint does not report as promised: {trouble}",
            hint="whoever is woken reads this first: one state per thing that can fail",
            evidence=[e.where for e in seen],
        )
    return promise.kept(expected=expected, actual=actual, evidence=[exchange.where])


def health_honest(
    promise: Promise,
    survey: HttpSurvey,
    sickness: Sickness,
    *,
    path: str,
    down: Mapping[str, str],
    components: tuple[str, ...] = (),
    role: str = "app",
) -> Finding:
    """Health reports every component, and turns unhealthy, naming it, when what it depends on is taken down.

    `down` maps a component's name in the answer to the role that is taken down for it.
    """
    expected = f"healthy with {', '.join(components or down)}; unhealthy while {', '.join(down.values())} is down"
    ordinary = health_reports(promise, survey, path=path, components=components or tuple(down), role=role)
    if ordinary.message != "kept":
        return ordinary
    evidence = list(ordinary.evidence)
    for component, taken in down.items():
        seen = [e for e in sickness.of(taken, path, role=role) if e.status is not None]
        if not seen:
            return promise.unknown(f"{path} gave no answer while {taken} was down", expected=expected)
        evidence += [f"{taken} down: {e.where}" for e in seen]
        for exchange in seen:
            document = _document(exchange)
            state = dict(_states(document)).get(component, "")
            trouble = (
                (exchange.status in SUCCESS and _said(document) in WELL and f"says {_said(document)}, {exchange.where}")
                or (exchange.status in SUCCESS and f"is told with success, which probes go by: {exchange.where}")
                or (state in WELL and f"says that {component} is {state}")
                or (not state and f"does not name {component}: {_short(exchange)}")
            )
            if trouble:
                return promise.broken(
                    expected=expected,
                    actual=exchange.where,
                    message=f"the {path} endpoint hides that {taken} is down: it {trouble}",
                    hint="ask every dependency, and answer 503 as soon as one of them fails",
                    evidence=evidence,
                )
    return promise.kept(expected=expected, actual=evidence[-1], evidence=evidence)


def endpoint_unlogged(promise: Promise, survey: HttpSurvey, config: NginxConfig, *, path: str, like: str) -> Finding:
    """The edge answers that path with what the application says under another, and writes no line of log for it.

    `like` is the path class of the same answer at the application itself.
    """
    expected = f"{path} at the edge, like {like} of the application, with access_log off"
    if config.test_passed is False:
        return promise.broken(
            expected=expected,
            actual=config.test,
            message=f"nginx refuses the configuration: {config.test}",
            hint="nothing in a file that nginx refuses ever takes effect; run nginx -t before a reload",
        )
    short = [e for e in survey.of(path) if e.status is not None]
    whole = [e for e in survey.of(like, role="app") if e.status is not None]
    if not short or not whole:
        return promise.unknown(f"{path if not short else like} could not be asked", expected=expected)
    evidence = [e.where for e in (*short, *whole)]
    wanted, told = (set(dict(_states(_document(e)))) for e in (whole[0], short[0]))
    target = address(short[0].url).path
    blocks = {d.context for d in config.directives if d.context and _is_for(d.context[-1], target)}
    logs = [d for block in blocks for d in config.effective("access_log", block)]
    loud = [d for d in logs if d.arguments[:1] != ("off",)]
    trouble = (
        (short[0].status not in SUCCESS and short[0].where)
        or (wanted != told and f"it does not say what {like} says: {_short(short[0])}")
        or (not blocks and f"no location is for {target} alone, so it is logged like everything else")
        or (loud and f"{loud[0].where}: access_log {' '.join(loud[0].arguments)}")
        or (not logs and f"no access_log is said for {target}, so nginx's own default writes one")
    )
    if trouble:
        return promise.broken(
            expected=expected,
            actual=short[0].where,
            message=f"{path} is not as promised at the edge: {trouble}",
            hint=f"location = {target} {{ access_log off; proxy_pass http://…; }}",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{short[0].where}, not logged", evidence=evidence)


def _document(exchange: HttpExchange) -> object:
    """The JSON that an answer carries; None where it carries none."""
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def _states(document: object) -> Iterator[tuple[str, str]]:
    """The state of every component that a health document names, in whatever arrangement."""
    if isinstance(document, Mapping):
        for name, said in document.items():
            if isinstance(said, Mapping) and isinstance(said.get("status"), str):
                yield str(name).lower(), said["status"].lower()
            else:
                yield from _states(said)
    elif isinstance(document, list):
        for said in document:
            named = next((said[key] for key in NAMES if said.get(key)), "") if isinstance(said, Mapping) else ""
            if named and isinstance(said.get("status"), str):
                yield str(named).lower(), said["status"].lower()


def _said(document: object) -> str:
    """The overall state that a health document says."""
    status = document.get("status") if isinstance(document, Mapping) else None
    return status.lower() if isinstance(status, str) else ""


def _is_for(label: str, target: str) -> bool:
    """Whether a block is the location of that path alone."""
    words = label.rpartition("#")[0].split()
    return words in (["location", "=", target], ["location", target])


def _short(exchange: HttpExchange) -> str:
    return exchange.body[:120].decode("utf-8", "replace").strip() or "an empty answer"
