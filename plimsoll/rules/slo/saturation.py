"""How much room is left where the deployment serves its load."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.load import LoadRun, Reading
from plimsoll.rules.slo.soundness import unsound

__all__ = ["connections_within", "cpu_within", "memory_within"]

CPU, MEMORY, CONNECTIONS = "cpu", "memory", "connections"
FEWEST = 5
"""Readings of a role without which nothing is said of it: one each second, so five seconds of load."""


def cpu_within(promise: Promise, seen: LoadRun, *, share: float, roles: tuple[str, ...] = ()) -> Finding:
    """On average over the run every role (or those named) uses no more than that share of the processors it may use."""
    return _judged(promise, seen, CPU, share=share, roles=roles, of=_mean, words="of its processors")


def memory_within(promise: Promise, seen: LoadRun, *, share: float, roles: tuple[str, ...] = ()) -> Finding:
    """At no moment of the run any role (or one of those named) uses more than that share of the memory it may use."""
    return _judged(promise, seen, MEMORY, share=share, roles=roles, of=max, words="of its memory")


def connections_within(
    promise: Promise, seen: LoadRun, *, share: float = 0.0, count: int = 0, roles: tuple[str, ...] = ()
) -> Finding:
    """At no moment of the run the database has more clients than that share of what it takes, or than that `count`."""
    return _judged(
        promise, seen, CONNECTIONS, share=share, count=count, roles=roles, of=max, words="of its connections"
    )


def _judged(
    promise: Promise,
    seen: LoadRun,
    what: str,
    *,
    of: Callable[[Sequence[float]], float],
    words: str,
    roles: tuple[str, ...],
    share: float = 0.0,
    count: int = 0,
) -> Finding:
    """The role that comes nearest to its limit is within the share of it, or within the count."""
    most = f"{count} {what}" if count else f"{share:.0%} {words}"
    expected = f"{' and '.join(roles) or 'every role'}: at most {most}, under {seen.plan.seconds:.0f} s of load"
    if doubt := unsound(seen):
        return promise.unknown(doubt, expected=expected)
    readings = [each for each in seen.readings if each.what == what and (not roles or each.role in roles)]
    by_role = {role: [each for each in readings if each.role == role] for role in {each.role for each in readings}}
    if missing := [role for role in roles if len(by_role.get(role, ())) < FEWEST]:
        return promise.unknown(f"nobody read the {what} of {' and '.join(missing)}", expected=expected)
    known = {role: each for role, each in by_role.items() if len(each) >= FEWEST and (count or _limit(each))}
    if not known:
        why = "no role has a limit of it" if readings else "nobody read it"
        return promise.unknown(f"{what}: {why}", expected=expected, evidence=_lines(by_role, of))
    used = {role: of([each.value for each in each]) / (1 if count else _limit(each)) for role, each in known.items()}
    worst = max(used, key=lambda role: used[role])
    actual = f"{worst}: {used[worst]:.0f} {what}" if count else f"{worst}: {used[worst]:.0%} {words}"
    if used[worst] > (count or share):
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{actual}, and at most {most} may be",
            hint="more replicas, a larger limit, or less load for each",
            evidence=_lines(by_role, of),
        )
    return promise.kept(expected=expected, actual=actual, evidence=_lines(by_role, of))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _limit(readings: Sequence[Reading]) -> float:
    return max(each.limit for each in readings)


def _lines(by_role: dict[str, list[Reading]], of: Callable[[Sequence[float]], float]) -> list[str]:
    return [
        f"{role}: {of([each.value for each in readings]):.4g} of {_limit(readings):.4g}, {len(readings)} readings"
        for role, readings in sorted(by_role.items())
    ]
