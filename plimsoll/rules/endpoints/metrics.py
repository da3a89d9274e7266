"""What Prometheus scrapes: there, and not for everybody."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpExchange, HttpSurvey
from plimsoll.rules.endpoints.answering import SUCCESS, asked, is_on, silent

__all__ = ["metrics_exposed", "metrics_private"]

SERVER_ERROR = 500
SAMPLE = re.compile(
    r"^[ \t]*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{.*\}[ \t]*|[ \t])"
    r"[+-]?(?:[0-9][0-9_.eE+-]*|\.[0-9][0-9eE+-]*|0[xX][0-9a-fA-F.pP+-]+|(?i:inf|infinity|nan))"
    r"(?:[ \t]+-?[0-9.]+)?[ \t]*(?:#.*)?$"
)
"""One sample line of the Prometheus text format 0.0.4 or of OpenMetrics 1.0: name, labels, value, time, exemplar."""


def metrics_exposed(
    promise: Promise, survey: HttpSurvey, *, path: str, families: tuple[str, ...], role: str = "edge", port: int = 0
) -> Finding:
    """The endpoint serves well-formed Prometheus text in which every named family is declared or has a sample."""
    expected = f"Prometheus text with {', '.join(families) or 'at least one sample'}"
    seen = asked(survey, path, role)
    if not seen or all(e.status is None for e in seen):
        return silent(promise, seen, path, expected)
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
        or (not is_on(port, exchange) and f"asked at {exchange.url}")
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


def metrics_private(
    promise: Promise, survey: HttpSurvey, *, path: str, role: str = "edge", page: str = "page"
) -> Finding:
    """The metrics are not served to everybody, while the page is: the scraper asks behind the edge, or logs in."""
    expected = f"no metrics at the {path} path of the {role}"
    seen, shown = asked(survey, path, role), asked(survey, page, role)
    if not seen:
        return promise.unknown(f"no example of {path!r} is named under [paths]", expected=expected, out_of_reach=True)
    evidence = [e.where for e in (*seen, *shown)]
    if given := [e for e in seen if e.status in SUCCESS and _samples(e)]:
        return promise.broken(
            expected=expected,
            actual=given[0].where,
            message=f"everybody can read the metrics: {given[0].where}, e.g. {_samples(given[0])[0][:80]!r}",
            hint="nginx: location = /metrics { return 404; } at the edge, or allow the scraper's network and deny all",
            evidence=evidence,
        )
    if mute := next((e for e in seen if e.status is None or e.status >= SERVER_ERROR), None):
        return promise.unknown(f"nobody could tell: {mute.where}", expected=expected, evidence=evidence)
    if not any(e.status in SUCCESS for e in shown):
        what = shown[0].where if shown else f"no {page} was asked for"
        return promise.unknown(f"nothing is served here at all: {what}", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=seen[0].where, evidence=evidence)


def _samples(exchange: HttpExchange) -> list[str]:
    """The lines of an answer that are samples of metrics."""
    lines = exchange.body.decode("utf-8", "replace").splitlines()
    return [line for line in lines if SAMPLE.match(line)]
