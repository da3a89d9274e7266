"""Whether a database that a migration has spoilt comes back, by a dump restored over it while it is live."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import MigrationRecovery
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = ["migration_undone", "restored_over_live"]


def migration_undone(
    promise: Promise, seen: MigrationRecovery, *, plain: bool = False, but: tuple[str, ...] = ()
) -> Finding:
    """The dump that is taken before a migration leads back to the schema and the rows that there were before it.

    `plain` is whether it has to be SQL as a person reads it, `but` are kinds (owner, grant, role) that it leaves out.
    """
    expected = f"a {'plain SQL ' if plain else ''}dump that undoes the migration"
    if finding := _did_not(promise, seen, expected):
        return finding
    wrong = hint = ""
    left = _left(seen, but)
    lost = seen.loss.missing if seen.loss else ()
    covered = {w.number for w in seen.testimony.acknowledged if (w.acked or 0.0) <= seen.backup_at}
    if plain and not seen.plain:
        wrong, hint = f"{seen.backup} is no plain SQL file", "pg_dump --format plain, without gzip"
    elif left:
        wrong, hint = f"after the restore something is not as it was before the migration: {left[0]}", where(seen)
    elif missing := covered & {*lost}:
        wrong, hint = f"{len(missing)} rows are lost that were confirmed before the dump began", where(seen)
    if wrong:
        return promise.broken(
            expected=expected,
            actual=f"{len(left)} differences",
            message=wrong,
            hint=hint,
            evidence=[*map(str, left), *evidence(seen)],
        )
    actual = f"{len(seen.migrated)} things that the migration had changed are as they were"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def restored_over_live(promise: Promise, seen: MigrationRecovery, *, but: tuple[str, ...] = ()) -> Finding:
    """A dump takes the live database's place: what it does not know is gone, and the application works with it.

    `but` are kinds (owner, grant, role) that the dump leaves out.
    """
    expected = "the dump's content in the live database's place, and an application that works"
    if finding := _did_not(promise, seen, expected):
        return finding
    left = _left(seen, but)
    wrong = ""
    if left:
        wrong = f"restored over the live database, it is not what the dump holds: {left[0]}"
    elif not seen.writes_again:
        wrong = "after the restore the application takes no new row"
    if wrong:
        return promise.broken(
            expected=expected,
            actual=f"{len(left)} differences",
            message=wrong,
            hint="restore into a database of its own and rename it; --clean --if-exists is not enough",
            evidence=[*map(str, left), *evidence(seen)],
        )
    kept = f"; what was live is kept as {seen.aside[0]}" if seen.aside else ""
    return promise.kept(expected=expected, actual=f"after {seen.seconds:.1f} s{kept}", evidence=evidence(seen))


def _did_not(promise: Promise, seen: MigrationRecovery, expected: str) -> Finding | None:
    """The finding where nothing can be compared; None where it can."""
    if trouble := trouble_of(seen):
        return promise.broken(
            expected=expected,
            actual="nothing that can be compared",
            message=f"the dump from before the migration did not come back: {trouble}",
            hint=where(seen),
            evidence=evidence(seen),
        )
    if not seen.before.amount or not seen.migrated:
        return promise.unknown("the migration changed nothing, so nothing could be undone", expected=expected)
    return None


def _left(seen: MigrationRecovery, but: tuple[str, ...]) -> list[str]:
    return [str(each) for each in seen.changed if each.what.partition(" ")[0] not in but]
