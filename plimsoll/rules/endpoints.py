"""What the application answers to the programs that watch it."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpExchange, HttpSurvey
from plimsoll.rules.texts import address

__all__ = ["endpoint_answers", "metrics_exposed"]

AREA = "endpoints"
"""The area a promise of these rules belongs to unless it says otherwise."""

SUCCESS = range(200, 300)
SAMPLE = re.compile(
    r"^[ \t]*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{.*\}[ \t]*|[ \t])"
    r"[+-]?(?:[0-9][0-9_.eE+-]*|\.[0-9][0-9eE+-]*|0[xX][0-9a-fA-F.pP+-]+|(?i:inf|infinity|nan))"
    r"(?:[ \t]+-?[0-9.]+)?[ \t]*(?:#.*)?$"
)
"""One sample line of the Prometheus text format 0.0.4 or of OpenMetrics 1.0: name, labels, value, time, exemplar."""


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
            message=f"{path} and {apart_from} are the same path: a sick application keeps getting traffic or is killed",
            hint="readiness asks the dependencies, liveness only the process itself",
            evidence=evidence,
        )
    bad = [e for e in seen if e.status is not None and (e.status not in SUCCESS or not _on(port, e))]
    if bad:
        return promise.broken(
            expected=expected,
            actual=bad[0].where,
            message=f"the {path} endpoint does not answer success: {bad[0].where}",
            hint=_says(bad[0]) or "look at the application's log",
            evidence=evidence,
        )
    if mute := tuple(e for e in seen if e.status is None):
        return _silent(promise, mute, path, expected)
    return promise.kept(expected=expected, actual=seen[0].where, evidence=evidence)


def metrics_exposed(
    promise: Promise, survey: HttpSurvey, *, path: str, families: tuple[str, ...], role: str = "edge", port: int = 0
) -> Finding:
    """The endpoint serves well-formed Prometheus text in which every named family is declared or has a sample."""
    expected = f"Prometheus text with {', '.join(families)}"
    seen = survey.of(path, role=role)
    if not seen or all(e.status is None for e in seen):
        return _silent(promise, seen, path, expected)
    exchange = next(e for e in seen if e.status is not None)
    lines = exchange.body.decode("utf-8", "replace").splitlines()
    samples = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    read = [SAMPLE.match(line) for line in samples]
    malformed = [line for line, match in zip(samples, read, strict=True) if match is None]
    declared = {line.split()[2] for line in lines if line.split()[:2] == ["#", "TYPE"] and len(line.split()) > 3}  # noqa: PLR2004 - "# TYPE name type"
    named = declared | {match["name"] for match in read if match}
    absent = [family for family in families if family not in named]
    content = " | ".join(exchange.values("Content-Type"))
    trouble = (
        (exchange.status not in SUCCESS and exchange.where)
        or (not _on(port, exchange) and f"asked at {exchange.url}")
        or (
            not content.lower().startswith(("text/plain", "application/openmetrics-text"))
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
    return promise.kept(expected=expected, actual=actual, evidence=[exchange.where, *sorted(named & set(families))])


def _silent(promise: Promise, seen: tuple[HttpExchange, ...], path: str, expected: str) -> Finding:
    why = seen[0].trouble if seen else f"no example of {path!r} is named under [paths]"
    return promise.unknown(f"the {path} endpoint could not be asked: {why}", expected=expected)


def _on(port: int, exchange: HttpExchange) -> bool:
    """Whether the exchange was with that port, where one is promised."""
    return not port or address(exchange.url).port == port


def _says(exchange: HttpExchange) -> str:
    text = exchange.body[:200].decode("utf-8", "replace").strip()
    return f"it says: {text}" if text else ""
