"""Whether what came back is what was there: tables, sequences, constraints, files, and an application that works."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations.drills import Difference, DumpRecovery, FilesRecovery, HotBackup, Recovered, SystemRecovery
from plimsoll.rules.recovery.stories import broken_off, evidence, trouble_of, where

__all__ = [
    "database_comes_back_whole",
    "database_serves_again",
    "files_come_back_whole",
    "hot_backup_is_whole",
    "sequences_stay_ahead",
    "system_comes_back_whole",
    "system_serves_again",
]

SHOWN = 5


def database_comes_back_whole(
    promise: Promise, seen: DumpRecovery, *, but: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> Finding:
    """The restored database holds what the backed up one held: rows, sequences, constraints, indexes, and the rest.

    `but` are kinds (owner, grant, role) that a dump leaves out on purpose, `without` kinds that must be left out.
    """
    return _whole(promise, seen, "the database", but=but, without=without)


def hot_backup_is_whole(promise: Promise, seen: HotBackup, *, but: tuple[str, ...] = ()) -> Finding:
    """A dump made while clients write as hard as they can is of one moment: it restores without a contradiction."""
    finding = _whole(promise, seen, "the database", but=but)
    if finding.outcome is not Outcome.PASS or seen.loss is None:
        return finding
    covered = {w.number for w in seen.testimony.acknowledged if w.acked is not None and w.acked <= seen.backup_at}
    if lost := sorted(covered & {*seen.loss.missing}):
        trouble = f"{len(lost)} rows are not in it that were confirmed before it began, e.g. {lost[0]}"
    elif gap := seen.testimony.gap(seen.loss, disaster=seen.disaster):
        trouble = f"it holds row {gap[1]} and not row {gap[0]}, which was confirmed before the other was sent"
    else:
        return finding
    return promise.broken(
        expected="rows of one moment",
        actual=trouble,
        message=f"the dump is of no single moment: {trouble}",
        hint="pg_dump in one run takes one snapshot; tables dumped one by one do not agree",
        evidence=evidence(seen),
    )


def files_come_back_whole(promise: Promise, seen: FilesRecovery, *, but: tuple[str, ...] = ()) -> Finding:
    """Restored files have the names and the contents of those that were backed up."""
    return _whole(promise, seen, "the files", but=but)


def system_comes_back_whole(promise: Promise, seen: SystemRecovery, *, but: tuple[str, ...] = ()) -> Finding:
    """On new machines there is all that was there: the database's contents, keys, and files."""
    return _whole(promise, seen, "the system", but=but)


def sequences_stay_ahead(promise: Promise, seen: DumpRecovery) -> Finding:
    """After a restore no sequence is behind its column: the next row gets a number that is free."""
    expected = "sequences ahead of their columns"
    if trouble := broken_off(seen):
        return promise.unknown(f"nothing came back to compare: {trouble}", expected=expected, evidence=evidence(seen))
    if seen.lagging:
        return promise.broken(
            expected=expected,
            actual=", ".join(seen.lagging),
            message=f"after the restore {seen.lagging[0]} is behind its column: new rows collide with old ones",
            hint="a data-only restore leaves sequences where they are: restore them, or setval() them",
            evidence=evidence(seen),
        )
    count = len(seen.before.things.get("sequence", {}))
    if not count:
        return promise.not_applicable("the database has no sequence")
    return promise.kept(expected=expected, actual=f"{count} sequences", evidence=evidence(seen))


def database_serves_again(promise: Promise, seen: DumpRecovery) -> Finding:
    """After the restore the application says that it is well, and takes new rows."""
    return _serves(promise, seen)


def system_serves_again(promise: Promise, seen: SystemRecovery) -> Finding:
    """On its new machines the application says that it is well, and takes new rows."""
    return _serves(promise, seen)


def _serves(promise: Promise, seen: Recovered) -> Finding:
    expected = "an application that is well and takes new rows"
    trouble = trouble_of(seen) or ("" if seen.writes_again else "it takes no new row")
    if trouble:
        return promise.broken(
            expected=expected,
            actual="it does not serve",
            message=f"after the recovery the application does not serve: {trouble}",
            hint=where(seen),
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=f"after {seen.seconds:.1f} s", evidence=evidence(seen))


def _whole(promise: Promise, seen: Recovered, what: str, *, but: Sequence[str], without: Sequence[str] = ()) -> Finding:
    expected = f"{what} as it was at the backup" + (f", without {' and '.join(without)}" if without else "")
    if trouble := broken_off(seen):
        return promise.broken(
            expected=expected,
            actual="nothing that can be compared",
            message=f"{what} did not come back: {trouble}",
            hint=where(seen),
            evidence=evidence(seen),
        )
    if not seen.before.amount:
        return promise.unknown("nothing had been counted before", expected=expected)
    changed = [each for each in seen.changed if _kind(each) not in (*but, *without)]
    kept = [name for name in without if not any(_kind(each) == name for each in seen.changed)]
    if kept and seen.before.things.get(kept[0]):
        return promise.broken(
            expected=expected,
            actual=f"with the {kept[0]}s of before",
            message=f"the restore brings the original {kept[0]}s along: on a server without those roles it fails",
            hint="pg_dump --no-owner --no-privileges",
            evidence=evidence(seen),
        )
    if changed:
        more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=f"{len(changed)} differences",
            message=f"{what} came back different: {changed[0]}{more}",
            hint=where(seen),
            evidence=[*map(str, changed), *evidence(seen)],
        )
    actual = f"{seen.before.amount} things counted before and after, no difference"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def _kind(difference: Difference) -> str:
    return difference.what.partition(" ")[0]
