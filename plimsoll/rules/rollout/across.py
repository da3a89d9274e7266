"""Whether a release that migrated the database can be taken back, with its rows, and its migration after it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import AcrossMigration, Change, Row
from plimsoll.rules.rollout.changes import SHOWN, evidence_of, first_of, line_of, words_of

__all__ = ["migration_taken_back", "rollback_across_migration"]

CHANGES = ("migrate", "release", "roll-back", "release-again", "back-again")
STEPS = {
    "new writes": "the new release takes no row",
    "old reads": "the old release does not read what the new one wrote",
    "old changes": "the old release cannot change what the new one wrote",
    "old writes": "the old release takes no row",
    "new reads again": "the new release does not find again what it wrote",
    "new reads the old one's": "the new release does not read what the old one wrote",
}
TAKE_BACK, WITHOUT = "migrate-down", "without the migration"
EXPAND = "expand first: add, nullable or with a default; take away only when no release is left that reads it"


def rollback_across_migration(promise: Promise, seen: AcrossMigration) -> Finding:
    """A release that migrates can be taken back: the one before reads and writes its rows, and no request fails.

    Rows that both have written are there once, and the new release finds what it wrote when it comes again.
    """
    expected = "the old release reads and writes the new one's rows, nothing is lost, and no request fails"
    if finding := _changed(promise, seen, CHANGES, expected=expected):
        return finding
    for step, what in STEPS.items():
        if rows := seen.spoilt(step):
            return _broken(promise, seen, what, rows, expected=expected)
    if seen.loss is not None and (wrong := seen.loss.missing or seen.doubled):
        what = "are missing" if seen.loss.missing else "are there twice"
        fact = f"{len(wrong)} rows that were confirmed while releases changed {what}"
        return _broken(promise, seen, fact, (), expected=expected)
    if not seen.fields:
        why = seen.trouble or "the migration adds no text that a client could write, so that nothing is shown"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    missing = [name for name in CHANGES if seen.of(name) is None]
    if missing or seen.loss is None or not seen.rows or not seen.control:
        why = f"not tried: {', '.join(missing)}; {seen.trouble}" if missing else "the counter saw no failure"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    actual = f"{len(seen.rows)} looks at rows with {', '.join(seen.fields)}, all good; no request failed"
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def migration_taken_back(promise: Promise, seen: AcrossMigration) -> Finding:
    """A migration can be taken back once its release is: no request fails, and what was there before it is intact."""
    expected = "the migration is taken back, every row says what it said before, and no request fails"
    change = seen.of(TAKE_BACK)
    if change is None:
        why = seen.trouble or "the runbook does not say how a migration is taken back"
        if not seen.trouble and promise.general:
            return promise.not_applicable(why)
        return promise.unknown(f"not tried: {why}", expected=expected, evidence=evidence_of(seen))
    if finding := _changed(promise, seen, (TAKE_BACK,), expected=expected):
        return finding
    if rows := seen.spoilt(WITHOUT):
        return _broken(promise, seen, "rows are not what they were before the migration", rows, expected=expected)
    if not seen.control or not any(row.name == WITHOUT for row in seen.rows):
        why = "no row was looked at, or the counter saw no failure of a dead application"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    return promise.kept(expected=expected, actual="every row is as it was", evidence=evidence_of(seen))


def _changed(promise: Promise, seen: AcrossMigration, names: Sequence[str], *, expected: str) -> Finding | None:
    """What was wrong with one of these changes, as clients noticed it."""
    for change in (change for name in names if (change := seen.of(name)) is not None):
        if fact := _wrong(seen, change):
            return promise.broken(
                expected=expected,
                actual=fact,
                message=f"`{change.command}` ({change.name}): {fact}",
                hint=EXPAND,
                evidence=[*words_of(change), *map(line_of, seen.failed(change)[:SHOWN]), *evidence_of(seen)],
            )
    return None


def _wrong(seen: AcrossMigration, change: Change) -> str:
    if change.code:
        return f"it ended with {change.code}"
    if failed := seen.failed(change):
        return f"{len(failed)} of {seen.asked(change)} requests failed: {first_of(failed)}"
    if not change.settled:
        return "clients are not all well afterwards"
    if change.name not in ("migrate", TAKE_BACK) and change.after != change.wanted:
        return f"clients get {change.after or 'nobody knows what'} afterwards, not {change.wanted}"
    return ""


def _broken(promise: Promise, seen: AcrossMigration, what: str, rows: Sequence[Row], *, expected: str) -> Finding:
    shown = [f"{row.name}: {row.place}: {row.trouble}" for row in rows[:SHOWN]]
    message = f"{what}: {shown[0]}" if shown else what
    return promise.broken(
        expected=expected, actual=what, message=message, hint=EXPAND, evidence=[*shown, *evidence_of(seen)]
    )
