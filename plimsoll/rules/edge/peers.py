"""Whether the edge leaves out a dead replica, and takes in a new one."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import Directive, Ejections, NginxConfig, PoolGrowth
from plimsoll.rules.blocks import seconds, upstreams_to
from plimsoll.rules.edge.balance import ERROR, worst

__all__ = ["dead_peer_ejected", "pool_extended"]

FAILS, TIMEOUT = "1", "10s"
"""What nginx takes where the line of a server does not say."""


def dead_peer_ejected(
    promise: Promise,
    seen: Ejections,
    config: NginxConfig | None,
    *,
    role: str = "app",
    path: str = "page",
    pools: Mapping[str, str] | None = None,
    max_fails: int = 0,
    fail_timeout: int = 30,
    errors: int = 0,
) -> Finding:
    """While one replica is dead, no more clients than `errors` notice, and once it is back it is asked again.

    It is ejected after `max_fails` failures, for `fail_timeout` seconds: what the lines of the upstream say. `pools`
    are the path classes by role where there are several.
    """
    findings = [
        _ejected(
            promise, seen, config, role=each, path=asked, max_fails=max_fails, fail_timeout=fail_timeout, errors=errors
        )
        for each, asked in (pools or {role: path}).items()
    ]
    return worst(findings)


def _ejected(
    promise: Promise,
    seen: Ejections,
    config: NginxConfig | None,
    *,
    role: str,
    path: str,
    max_fails: int,
    fail_timeout: int,
    errors: int,
) -> Finding:
    """The finding on one pool."""
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
    if seen.role != role or not sum(seen.before) or not new:
        return promise.unknown(
            "the pool was not seen without its last server", expected=expected, actual=actual, evidence=evidence
        )
    if len(failed) > errors:
        trouble = f"requests fail while it grows: {failed[0].where}"
    elif idle := [number for number in new if not seen.after[number]]:
        trouble = f"{len(idle)} of {len(seen.after)} servers get no request afterwards"
    else:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"the pool does not grow as promised: {trouble}",
        hint="nginx: add the server line, nginx -t, nginx -s reload",
        evidence=evidence,
    )


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
