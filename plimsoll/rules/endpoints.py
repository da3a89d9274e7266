"""What the application answers to the programs that watch it."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpExchange, HttpSurvey

__all__ = ["endpoint_answers", "metrics_exposed"]

AREA = "endpoints"
"""The area a promise of these rules belongs to unless it says otherwise."""

SUCCESS = range(200, 300)
SAMPLE = re.compile(r"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? [^ ]+( -?\d+)?$")
"""One sample line of the Prometheus text format 0.0.4."""


def endpoint_answers(
    promise: Promise, survey: HttpSurvey, *, path: str, role: str = "edge", port: int = 0, apart_from: str = ""
) -> Finding:
    """The endpoint answers success on that port; `apart_from` names a path class it must not share its path with."""
    expected = f"2xx from the {path} endpoint" + (f" on port {port}" if port else "")
    seen = survey.of(path, role=role)
    if not seen or all(e.status is None for e in seen):
        return _silent(promise, seen, path, expected)
    evidence = [e.where for e in seen]
    if apart_from and {e.url for e in seen} & {e.url for e in survey.of(apart_from, role=role)}:
        return promise.broken(
            expected=f"{expected}, apart from {apart_from}",
            actual=seen[0].url,
            message=f"{path} and {apart_from} are the same path, so a sick application keeps getting traffic or gets killed",
            hint="readiness asks the dependencies, liveness only the process itself",
            evidence=evidence,
        )
    bad = [e for e in seen if e.status not in SUCCESS or (port and f":{port}/" not in e.url)]
    if bad:
        return promise.broken(
            expected=expected,
            actual=bad[0].where,
            message=f"the {path} endpoint does not answer success: {bad[0].where}",
            hint=_says(bad[0]) or "look at the application's log",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=seen[0].where, evidence=evidence)


def metrics_exposed(
    promise: Promise, survey: HttpSurvey, *, path: str, families: tuple[str, ...], role: str = "edge", port: int = 0
) -> Finding:
    """The endpoint serves well-formed Prometheus text with samples of every named family."""
    expected = f"Prometheus text with {', '.join(families)}"
    seen = survey.of(path, role=role)
    if not seen or all(e.status is None for e in seen):
        return _silent(promise, seen, path, expected)
    exchange = next(e for e in seen if e.status is not None)
    lines = exchange.body.decode("utf-8", "replace").splitlines()
    samples = [line for line in lines if line and not line.startswith("#")]
    malformed = [line for line in samples if not SAMPLE.match(line)]
    declared = {line.split()[2] for line in lines if line.startswith("# TYPE ") and len(line.split()) > 3}  # noqa: PLR2004 - "# TYPE name type"
    absent = [family for family in families if family not in declared]
    content = " | ".join(exchange.values("Content-Type"))
    trouble = (
        (exchange.status not in SUCCESS and exchange.where)
        or (port and f":{port}/" not in exchange.url and f"asked at {exchange.url}")
        or (
            not content.startswith(("text/plain", "application/openmetrics-text"))
            and f"Content-Type is {content or 'missing'}"
        )
        or (malformed and f"not exposition text: {malformed[0][:80]!r}")
        or (absent and f"no family {', '.join(absent)}")
        or (not samples and "no samples")
    )
    actual = f"{len(samples)} samples of {len(declared)} families"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the {path} endpoint is not what a scraper needs: {trouble}",
            hint="dashboards and alerts read these names; a renamed family silences them",
            evidence=[e.where for e in seen],
        )
    return promise.kept(expected=expected, actual=actual, evidence=[exchange.where, *sorted(declared & set(families))])


def _silent(promise: Promise, seen: tuple[HttpExchange, ...], path: str, expected: str) -> Finding:
    why = seen[0].trouble if seen else f"no example of {path!r} is named under [paths]"
    return promise.unknown(f"the {path} endpoint could not be asked: {why}", expected=expected)


def _says(exchange: HttpExchange) -> str:
    text = exchange.body[:200].decode("utf-8", "replace").strip()
    return f"it says: {text}" if text else ""
