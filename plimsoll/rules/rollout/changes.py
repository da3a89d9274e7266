"""What rules about releases say of the changes that they judge."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.observations.drills import Change, Read, Rolled, Write

FEWEST = 50
"""Requests during a change without which nothing is known of it: two seconds of them at the least."""

SHOWN = 5
"""Requests, and lines of what a command said, that a finding shows."""


def words_of(change: Change) -> list[str]:
    """The last that a command said."""
    return [line.strip() for line in change.output.strip().splitlines()[-SHOWN:]]


def first_of(requests: Iterable[Read | Write]) -> str:
    """Why requests failed, one reason of them."""
    return next(iter(sorted({request.trouble for request in requests})), "")


def line_of(request: Read | Write) -> str:
    """A request that failed, in a line."""
    at = request.sent if isinstance(request, Write) else request.at
    return f"{at:.2f} s: a {'write' if isinstance(request, Write) else 'read'} failed: {request.trouble}"


def evidence_of(seen: Rolled) -> list[str]:
    """Each change in a line, and the first request that failed meanwhile."""
    changes = [
        f"{change.began:.1f} s: {change.command} ended with {change.code} after {change.ended - change.began:.1f} s; "
        f"clients had {change.before}, then {change.after}; {len(seen.failed(change))} of {seen.asked(change)} failed"
        for change in seen.changes
    ]
    failed = [line_of(request) for change in seen.changes for request in seen.failed(change)[:1]]
    return [*changes, *failed]


def tried(seen: Rolled, *names: str) -> tuple[list[Change], str]:
    """The changes of these names, in their order; and which are missing, and why, if any are."""
    found = [change for name in names if (change := seen.of(name)) is not None]
    missing = [name for name in names if seen.of(name) is None]
    return found, f"not tried: {', '.join(missing)}; {seen.trouble}" if missing else ""
