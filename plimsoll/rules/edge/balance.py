"""Whether the edge spreads the work over all replicas, and spares a busy one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plimsoll.model import Finding, Outcome, Promise, merge
from plimsoll.observations import Balance, NginxConfig
from plimsoll.rules.blocks import name_of, upstreams_to

__all__ = ["upstreams_balanced"]

ERROR = 500
"""From here on the edge, or what is behind it, failed; below, somebody answered."""

SHARE = 3
"""A replica with less than this part of its fair share is as good as left out, with more than so often too burdened."""


def upstreams_balanced(
    promise: Promise,
    seen: Balance,
    config: NginxConfig | None,
    *,
    role: str = "app",
    path: str = "page",
    pools: Mapping[str, str] | None = None,
    replicas: int = 0,
    method: str = "",
    busy: str = "",
    counter: str = "http_requests_total",
) -> Finding:
    """Requests for the path spread over all replicas of the role, and fewer go to the one that is busy.

    `pools` are the path classes by role where there are several. `method` is the balancing directive of the upstream,
    e.g. `least_conn`; with `busy`, the path class of a WebSocket, one replica of the pool behind its host is kept busy.
    `counter` is the metric in which a replica counts its answers.
    """
    findings = [
        _balanced(
            promise, seen, config, role=each, path=asked, replicas=replicas, method=method, busy=busy, counter=counter
        )
        for each, asked in (pools or {role: path}).items()
    ]
    return worst(findings)


def _balanced(
    promise: Promise,
    seen: Balance,
    config: NginxConfig | None,
    *,
    role: str,
    path: str,
    replicas: int,
    method: str,
    busy: str,
    counter: str,
) -> Finding:
    """The finding on one pool."""
    expected = f"every one of {replicas or 'the'} replicas of {role} gets its share{f', by {method}' if method else ''}"
    spread = seen.of(role)
    if spread is None or not sum(spread.served):
        why = f"no replica of {role} counted a request in {counter}, asked for the {path} path"
        return promise.unknown(why, expected=expected)
    shares = ", ".join(map(str, spread.served))
    beside = f"; with one busy {', '.join(map(str, spread.beside))}" if spread.beside else ""
    actual = f"requests per replica: {shares}{beside}"
    evidence = [*dict.fromkeys(e.where for e in spread.exchanges), actual]
    fair = sum(spread.served) / len(spread.served)
    trouble = ""
    if failed := [e for e in spread.exchanges if e.status is None or e.status >= ERROR]:
        trouble = f"{len(failed)} of {len(spread.exchanges)} requests failed, e.g. {failed[0].where}"
    elif replicas and len(spread.served) != replicas:
        trouble = f"{len(spread.served)} replicas run where {replicas} are promised"
    elif len(spread.served) > 1 and min(spread.served) * SHARE < fair:
        trouble = (
            f"{spread.served.count(min(spread.served))} of {len(spread.served)} replicas get next to nothing: {shares}"
        )
    elif method and (where := _otherwise(config, role, method)):
        trouble = where
    elif method == "least_conn" and busy and spread.beside and min(spread.beside) > 0:
        trouble = f"a busy replica gets as much as the others: {', '.join(map(str, spread.beside))}"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the edge does not balance as promised: {trouble}{_where(config, role)}",
            hint="nginx: one upstream with all servers, `least_conn`, and a `zone` so that all workers count together",
            evidence=evidence,
        )
    if method and not spread.beside and config is None:
        return promise.unknown(f"nothing here tells whether it is by {method}", expected=expected, actual=actual)
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def worst(findings: Sequence[Finding]) -> Finding:
    """The finding that says the most of several pools; if all are well, the first with what the others add."""
    outcome = merge(finding.outcome for finding in findings)
    first = next(finding for finding in findings if finding.outcome is outcome)
    if outcome is not Outcome.PASS:
        return first
    evidence = tuple(dict.fromkeys(line for finding in findings for line in finding.evidence))
    expected = "; ".join(dict.fromkeys(finding.expected for finding in findings))
    actual = "; ".join(finding.actual for finding in findings)
    return replace(first, expected=expected, actual=actual, evidence=evidence)


def _otherwise(config: NginxConfig | None, role: str, method: str) -> str:
    """Where an upstream to the role does not balance by that method."""
    if config is None:
        return ""
    by_method = {directive.context for directive in config.named(method)}
    for context, servers in upstreams_to(config, role).items():
        if context not in by_method:
            return f"{servers[0].where}: {name_of(context)} has no {method}"
    return ""


def _where(config: NginxConfig | None, role: str) -> str:
    """Where the upstream of the role is written, if the file is known."""
    lines = [servers[0].where for servers in upstreams_to(config, role).values()] if config else []
    return f" (see {', '.join(lines)})" if lines else ""
