"""Whether health endpoints name what they speak of, and tell the truth about it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import HealthTrial, HealthTrials, HttpExchange, HttpSurvey
from plimsoll.rules.endpoints.answering import SUCCESS, asked, place, says_of
from plimsoll.rules.endpoints.metrics import SERVER_ERROR
from plimsoll.rules.endpoints.states import is_well, state_of, told, unwell

__all__ = ["health_honest", "health_reports"]

NAME_EACH = "a component that nobody checks fails unseen; name each with its own status"

DEPENDENCIES = ("postgres", "redis")
"""The roles that are taken away unless a promise names others."""


def health_reports(
    promise: Promise, survey: HttpSurvey, *, path: str, components: tuple[str, ...], role: str = "edge"
) -> Finding:
    """The endpoint reports every named component with its state, in whatever nesting, and all of them are well.

    A component may have several names, parted by `|`: `database|postgresql`.
    """
    expected = f"{', '.join(components)} each with a state at the {path} endpoint"
    seen = asked(survey, path, role)
    exchange = next((e for e in seen if e.status is not None), None)
    if exchange is None:
        why = seen[0].trouble if seen else f"no example of {path!r} is named under [paths]"
        return promise.unknown(f"the {path} endpoint could not be asked: {why}", expected=expected)
    report = told(exchange)
    states = {component: state_of(report, component) for component in components}
    missing = [component for component, state in states.items() if state is None]
    sick = [f"{component} is {state}" for component, state in states.items() if state and not is_well(state)]
    trouble = (
        (not isinstance(report, dict | list) and f"no JSON: {exchange.where}")
        or (missing and f"nothing is said of {', '.join(missing)}")
        or (sick and ", ".join(sick))
        or (exchange.status not in SUCCESS and exchange.where)
    )
    if trouble:
        return promise.broken(
            expected=expected,
            actual=says_of(exchange) or "an empty body",
            message=f"the {path} endpoint does not report as promised: {trouble}",
            hint=NAME_EACH,
            evidence=[exchange.where],
        )
    actual = ", ".join(f"{component} {state}" for component, state in states.items())
    return promise.kept(expected=expected, actual=actual, evidence=[exchange.where])


def health_honest(
    promise: Promise,
    trials: HealthTrials,
    *,
    path: str,
    role: str = "edge",
    when: tuple[str, ...] = DEPENDENCIES,
    live: str = "",
    status: int = 0,
    components: tuple[str, ...] = (),
) -> Finding:
    """While a dependency is down the endpoint turns red and liveness stays green; afterwards both are green again.

    `components` are named in its report while all is well: what nobody checks cannot turn it red.
    Red is a status of 5xx, or the promised `status`; without one, a report that names something unwell is red as well.
    """
    red = str(status) if status else "5xx, or a report that names what is down"
    expected = f"{red} from the {path} endpoint while {' or '.join(when)} is down"
    expected += f", 2xx from {live}" if live else ""
    expected += f", which reports {', '.join(components)}" if components else ""
    evidence: list[str] = []
    for down in when:
        trial = next((each for each in trials.trials if each.down == down), None)
        if trial is None:
            return promise.unknown(f"{down} was not taken down", expected=expected)
        before, during, after = (_of(each, path, role) for each in (trial.before, trial.during, trial.after))
        if not before or not all(e.status in SUCCESS for e in before):
            why = before[0].where if before else f"no example of {path!r} was asked for"
            return promise.unknown(f"not green before {down} was taken down: {why}", expected=expected)
        if not during or not after or (during[-1].status is None):
            why = during[-1].where if during else "nobody was asked"
            return promise.unknown(f"no answer while {down} was down: {why}", expected=expected)
        if missing := [name for name in components if state_of(told(before[0]), name) is None]:
            return promise.broken(
                expected=expected,
                actual=says_of(before[0]) or "an empty body",
                message=f"the {path} endpoint says nothing of {', '.join(missing)}",
                hint=NAME_EACH,
                evidence=[before[0].where],
            )
        evidence += [f"{down} down: {during[-1].where}", f"{down} back: {after[-1].where}"]
        wrong, hint = _dishonest(trial, during[-1], after[-1], status) or _flaps(trial, live, role)
        if wrong:
            return promise.broken(
                expected=expected, actual=during[-1].where, message=wrong, hint=hint, evidence=evidence
            )
    return promise.kept(expected=expected, actual=evidence[0], evidence=evidence)


def _dishonest(trial: HealthTrial, during: HttpExchange, after: HttpExchange, status: int) -> tuple[str, str] | None:
    named = unwell(told(during))
    red = during.status == status if status else (during.status or 0) >= SERVER_ERROR or bool(named)
    if not red:
        what = f"{trial.down} was down, yet {during.where}"
        return what + (f" ({named[0]})" if named else ""), "ask the dependency itself, with a time-out, and answer 503"
    if after.status not in SUCCESS:
        return (
            f"{trial.down} is back, yet {after.where}",
            "reconnect: nobody restarts what looks dead for good",
        )
    return None


def _flaps(trial: HealthTrial, live: str, role: str) -> tuple[str, str]:
    """What is wrong with liveness meanwhile, and what to do; empty if nothing is."""
    seen = _of((*trial.during, *trial.after), live, role) if live else ()
    bad = next((e for e in seen if e.status not in SUCCESS), None)
    if bad is None:
        return "", ""
    fact = f"liveness fails although only {trial.down} was down: {bad.where}"
    return fact, "liveness asks the process itself only, or the orchestrator restarts what is well"


def _of(exchanges: Sequence[HttpExchange], kind: str, role: str) -> tuple[HttpExchange, ...]:
    return tuple(e for e in exchanges if e.kind == kind and e.role == place(role))
