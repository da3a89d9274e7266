"""Whether what was confirmed is still known after a service was restarted, killed, or made anew."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations.drills import Interruption, Persistence
from plimsoll.rules.recovery.stories import where

__all__ = ["application_survives", "cache_survives", "database_survives", "interruptions_lose_nothing"]

MINUTE = 60.0
SHOWN = 5
DATABASE, CACHE, APPLICATION = "database", "cache", "application"
SAYS = {"restart": "was restarted", "kill": "was killed", "remake": "was made anew"}
HINTS = {
    (DATABASE, "restart"): "a database has its data on a volume, not in memory",
    (DATABASE, "kill"): "synchronous_commit = on: what is confirmed has to be written down first",
    (DATABASE, "remake"): "a named volume at the image's PGDATA, /var/lib/postgresql/data",
    (CACHE, "restart"): "appendonly yes",
    (CACHE, "kill"): "appendonly yes: a snapshot lacks what came after it",
    (CACHE, "remake"): "a named volume at the image's folder, /data",
    (APPLICATION, "remake"): "what users upload belongs on a volume",
}


def database_survives(promise: Promise, seen: Persistence, *, ways: tuple[str, ...] = ()) -> Finding:
    """Every row that was confirmed is there after the database was restarted, killed, and made anew on its volume.

    `ways` are those that count, all without it: restart, kill, remake.
    """
    return _nothing_lost(promise, seen, DATABASE, ways)


def cache_survives(promise: Promise, seen: Persistence, *, ways: tuple[str, ...] = ()) -> Finding:
    """Every key that was set is there after Redis was restarted, killed, and made anew on its volume.

    `ways` are those that count, all without it: restart, kill, remake.
    """
    return _nothing_lost(promise, seen, CACHE, ways)


def application_survives(promise: Promise, seen: Persistence, *, minutes: float) -> Finding:
    """A restart of the application loses no row, no key and no upload, and rows are confirmed again within the time."""
    finding = _nothing_lost(promise, seen, APPLICATION, ())
    slowest = max(seen.of(APPLICATION), key=lambda each: each.silence, default=None)
    if finding.outcome is not Outcome.PASS or slowest is None:
        return finding
    expected = f"nothing lost, and rows confirmed again within {minutes:g} minutes"
    actual = f"{finding.actual}; the longest silence was {slowest.silence:.1f} s"
    if slowest.silence > minutes * MINUTE:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"after {slowest.role} {SAYS[slowest.how]} nobody confirmed a row for {slowest.silence:.0f} s",
            hint=where(seen),
            evidence=_lines(seen.of(APPLICATION)),
        )
    return promise.kept(expected=expected, actual=actual, evidence=_lines(seen.of(APPLICATION)))


def interruptions_lose_nothing(promise: Promise, seen: Persistence) -> Finding:
    """Whichever service is interrupted, in whichever way, what was confirmed before is known afterwards."""
    return _nothing_lost(promise, seen, "", ())


def _nothing_lost(promise: Promise, seen: Persistence, part: str, ways: Sequence[str]) -> Finding:
    """No row, key or upload is missing after these interruptions."""
    expected = f"every confirmed row, key and upload, whatever becomes of the {part or 'services'}"
    done = seen.of(part, *ways)
    evidence = _lines(done)
    for each in done:
        what = f"after {each.role} {SAYS[each.how]}"
        hint = HINTS.get((each.part, each.how), where(seen))
        if each.missing or each.lost:
            told = [f"{len(each.missing)} of {each.rows} confirmed rows"] if each.missing else []
            told += [f"{len(each.lost)} of {each.keys} keys and uploads"] if each.lost else []
            message = f"{what}, {' and '.join(told)} were gone: {_shown(each)}"
            actual = " and ".join(told) + " lost"
            return promise.broken(expected=expected, actual=actual, message=message, hint=hint, evidence=evidence)
        if each.trouble:
            message = f"{what}, the deployment did not work again: {each.trouble}"
            return promise.broken(expected=expected, actual=each.trouble, message=message, hint=hint, evidence=evidence)
    if not done or (seen.trouble and not part):
        why = seen.trouble or f"this deployment has no {part}"
        return promise.unknown(f"the {part or 'services'} could not be interrupted: {why}", expected=expected)
    rows, keys = max(each.rows for each in done), max(each.keys for each in done)
    actual = f"{rows} rows and {keys} keys and uploads known after {len(done)} interruptions"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _shown(each: Interruption) -> str:
    names = [*(f"row {number}" for number in each.missing), *each.lost]
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _lines(done: Sequence[Interruption]) -> list[str]:
    return [
        f"{each.began:.1f} s: {each.role} {SAYS[each.how]}, back after {max(each.back - each.began, 0.0):.1f} s;"
        f" no row confirmed for {each.silence:.2f} s;"
        f" missing: {len(each.missing)} rows, {len(each.lost)} keys and uploads"
        for each in done
    ]
