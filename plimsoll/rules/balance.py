"""Whether the edge spreads the work over all replicas, leaves out a dead one, and takes in a new one."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import Balance, Directive, Ejections, NginxConfig, PoolGrowth
from plimsoll.rules.blocks import name_of, seconds, upstreams_to

__all__ = ["dead_peer_ejected", "pool_extended", "upstreams_balanced"]

AREA = "edge"
"""The area a promise of these rules belongs to unless it says otherwise."""

ERROR = 500
"""From here on the edge, or what is behind it, failed; below, somebody answered."""

SHARE = 3
"""A replica with less than this part of its fair share is as good as left out, with more than so often too burdened."""

FAILS, TIMEOUT = "1", "10s"
"""What nginx takes where the line of a server does not say."""


def upstreams_balanced(
    promise: Promise,
    seen: Balance,
    config: NginxConfig | None,
    *,
    role: str = "app",
    path: str = "page",
    replicas: int = 0,
    method: str = "",
    busy: str = "",
    counter: str = "http_requests_total",
) -> Finding:
    """Requests for the path spread over all replicas of the role, and fewer go to the one that is busy.

    `method` is the balancing directive of the upstream, e.g. `least_conn`; with `busy`, the path class of a WebSocket
    that goes to the same role, one replica is kept busy. `counter` is the metric in which a replica counts its answers.
    """
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


def dead_peer_ejected(
    promise: Promise,
    seen: Ejections,
    config: NginxConfig | None,
    *,
    role: str = "app",
    path: str = "page",
    max_fails: int = 0,
    fail_timeout: int = 30,
    errors: int = 0,
) -> Finding:
    """While one replica is dead, no more clients than `errors` notice, and once it is back it is asked again.

    It is ejected after `max_fails` failures, for `fail_timeout` seconds: what the lines of the upstream say.
    """
    expected = f"at most {errors} errors while one replica of {role} is dead, and its share once it is back"
    if max_fails:
        expected += f"; max_fails={max_fails} fail_timeout={fail_timeout}s"
    ejection = seen.of(role)
    if ejection is None or not any(e.status is not None for e in (*ejection.down, *ejection.back)):
        return promise.unknown(f"no replica of {role} was taken away from the {path} path", expected=expected)
    failed = [e for e in ejection.down if e.status is None or e.status >= ERROR]
    share = ejection.served_back[ejection.dead - 1]
    back = f"{share} of {len(ejection.back)} requests went to it once it was back"
    late = f", {ejection.after:.0f} s later" if ejection.after else ""
    actual = f"{len(failed)} of {len(ejection.down)} requests failed meanwhile; {back}{late}"
    evidence = [*dict.fromkeys(e.where for e in (*ejection.down, *ejection.back))]
    still_failing = [e for e in ejection.back if e.status is None or e.status >= ERROR]
    trouble = ""
    if len(failed) > errors:
        trouble = f"clients notice: {len(failed)} of {len(ejection.down)} requests failed, e.g. {failed[0].where}"
    elif still_failing:
        trouble = f"it is back, and requests fail: {still_failing[0].where}"
    elif not share and ejection.after >= fail_timeout:
        trouble = f"it is not asked again, {ejection.after:.0f} s after it came back"
    elif max_fails:
        trouble = _lenient(config, role, max_fails, fail_timeout)
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"a dead replica of {role} is not left out as promised: {trouble}",
            hint="nginx: server … max_fails=3 fail_timeout=30s; proxy_next_upstream error timeout",
            evidence=evidence,
        )
    at_rest = "; the lines of the upstream are not known here" if max_fails and config is None else ""
    return promise.kept(expected=expected, actual=f"{actual}{at_rest}", evidence=evidence)


def pool_extended(
    promise: Promise, seen: PoolGrowth, *, role: str = "app", path: str = "page", errors: int = 0
) -> Finding:
    """A server added to the pool gets its share after a reload, during which no more requests than `errors` fail."""
    expected = f"a new server of {role} gets traffic, and at most {errors} requests for the {path} path fail meanwhile"
    failed = [e for e in seen.during if e.status is None or e.status >= ERROR]
    actual = (
        f"before {', '.join(map(str, seen.before))}, after {', '.join(map(str, seen.after))} requests per replica; "
        f"{len(failed)} of {len(seen.during)} failed meanwhile"
    )
    evidence = [*(f"{when}: {line}" for when, line in seen.lines.items()), *dict.fromkeys(e.where for e in seen.during)]
    new = [number for number, served in enumerate(seen.before) if not served]
    if seen.role != role or not sum(seen.before) or len(new) != 1:
        return promise.unknown(
            "the pool was not seen without its last server", expected=expected, actual=actual, evidence=evidence
        )
    if len(failed) > errors:
        trouble = f"requests fail while it grows: {failed[0].where}"
    elif not seen.after[new[0]]:
        trouble = "the new server gets no request"
    else:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"the pool does not grow as promised: {trouble}",
        hint="nginx: add the server line, nginx -t, nginx -s reload",
        evidence=evidence,
    )


def _otherwise(config: NginxConfig | None, role: str, method: str) -> str:
    """Where an upstream to the role does not balance by that method."""
    if config is None:
        return ""
    by_method = {directive.context for directive in config.named(method)}
    for context, servers in upstreams_to(config, role).items():
        if context not in by_method:
            return f"{servers[0].where}: {name_of(context)} has no {method}"
    return ""


def _lenient(config: NginxConfig | None, role: str, max_fails: int, fail_timeout: int) -> str:
    """Which server's line says something else."""
    for servers in upstreams_to(config, role).values() if config else ():
        for server in servers:
            said = _options(server)
            fails, rests = said.get("max_fails", FAILS), said.get("fail_timeout", TIMEOUT)
            if fails != str(max_fails) or seconds(rests) != fail_timeout:
                return f"{server.where}: {server.arguments[0]} has max_fails={fails} fail_timeout={rests}"
    return ""


def _options(server: Directive) -> dict[str, str]:
    """What the line of a server says behind its address."""
    pairs = (argument.partition("=") for argument in server.arguments[1:])
    return {name: value for name, _, value in pairs}


def _where(config: NginxConfig | None, role: str) -> str:
    """Where the upstream of the role is written, if the file is known."""
    lines = [servers[0].where for servers in upstreams_to(config, role).values()] if config else []
    return f" (see {', '.join(lines)})" if lines else ""
