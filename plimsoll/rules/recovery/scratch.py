"""Whether the deployment's own test of its backups proves anything, removes its scratch, and spares what is live."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Attempt, ScratchRestore
from plimsoll.observations.drills.scratch import DAMAGED, LEFTOVER, NO_BACKUP, NO_ROWS
from plimsoll.observations.drills.troubles import CONTROL
from plimsoll.rules.recovery.trials import last_words, lines, tried

__all__ = ["backup_test_cleans_up", "backup_test_proves", "backup_test_spares_live"]

BAD = {
    DAMAGED: "the newest backup is cut short, and an older one is good",
    NO_BACKUP: "there is no backup",
}
"""What every test of backups has to notice."""


def backup_test_proves(promise: Promise, seen: ScratchRestore, *, counted: str = "", code: int = 0) -> Finding:
    """The newest backup is restored into a scratch database and found good; a bad or missing one makes the test fail.

    `counted` is a table whose rows are counted: without any the test has to fail, and its exit code is `code` (0: any
    but that).
    """
    expected = "a restore of the newest backup, and a failure when it is no good"
    if finding := _works(promise, seen, expected, scratch=bool(counted)):
        return finding
    bad = dict(BAD)
    if counted and counted != seen.table:
        return promise.unknown(f"the drill empties {seen.table}, not {counted}", expected=expected)
    if counted:
        bad[NO_ROWS] = f"the newest backup has no rows in {counted}, and an older one has {seen.rows}"
    evidence = lines(seen.of(CONTROL))
    for name, what in bad.items():
        found = tried(promise, seen, name, expected=expected)
        if isinstance(found, Finding):
            return found
        evidence += lines(found)
        wrong = ""
        if not found.code:
            wrong = "is taken for good"
        elif name == NO_ROWS and code and found.code != code:
            wrong = f"makes the test end with {found.code}, and {code} was promised"
        elif not found.output.strip():
            wrong = "makes the test fail without a word"
        if wrong:
            return promise.broken(
                expected=expected,
                actual=last_words(found),
                message=f"{what}: that {wrong}: {last_words(found)}",
                hint="take the newest by its name or age, restore it with ON_ERROR_STOP=1, count, exit 1 on nothing",
                evidence=evidence,
            )
    where = ", ".join(seen.scratch) or "the test"
    actual = f"the good one was restored into {where}; {len(bad)} bad ones were noticed"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def backup_test_cleans_up(promise: Promise, seen: ScratchRestore, *, scratch: str = "") -> Finding:
    """The scratch database is gone after the test, also after one that failed; one that was left over is no obstacle.

    `scratch` is the name that it has.
    """
    expected = f"{scratch or 'the scratch database'} gone after every test"
    if finding := _works(promise, seen, expected, scratch=bool(scratch)):
        return finding
    if scratch and scratch not in seen.scratch:
        message = f"the test makes {', '.join(seen.scratch)}, and {scratch} was promised"
        return promise.broken(expected=expected, actual=seen.scratch[0], message=message, hint=f"createdb {scratch}")
    evidence = [line for attempt in seen.attempts for line in lines(attempt)]
    again = seen.of(LEFTOVER)
    stays = next((each for each in seen.attempts if each.left and each.name != LEFTOVER), None)
    wrong = ""
    if stays is not None:
        wrong = f"{stays.left[0]} is still there after the test {_of(stays)}"
    elif again is not None and again.code:
        wrong = f"what a killed test left over keeps all later ones from working: {last_words(again)}"
    if wrong:
        return promise.broken(
            expected=expected,
            actual=f"{len(stays.left) if stays else 1} left",
            message=wrong,
            hint="dropdb --if-exists before createdb, and in a trap on EXIT: exit 1 passes by what comes after it",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"gone after {len(seen.attempts)} tests", evidence=evidence)


def backup_test_spares_live(promise: Promise, seen: ScratchRestore) -> Finding:
    """A test of backups changes nothing of the live database: rows, rights, roles."""
    expected = "a live database that is what it was"
    if finding := _works(promise, seen, expected, scratch=False):
        return finding
    touched = next((each for each in seen.attempts if each.changed), None)
    if touched is not None:
        return promise.broken(
            expected=expected,
            actual=f"{len(touched.changed)} things changed",
            message=f"the test {_of(touched)} changed what is live: {touched.changed[0]}",
            hint="a database of its own (createdb), named in every command; roles belong to the whole server",
            evidence=lines(touched),
        )
    return promise.kept(expected=expected, actual=f"the same after {len(seen.attempts)} tests")


def _works(promise: Promise, seen: ScratchRestore, expected: str, *, scratch: bool) -> Finding | None:
    """The finding where a test of a good backup does not even work; None where it does."""
    control = seen.of(CONTROL)
    if control is None or seen.trouble:
        return promise.unknown(f"nothing was tested: {seen.trouble or 'the drill did not begin'}", expected=expected)
    if control.code:
        return promise.broken(
            expected=expected,
            actual=last_words(control),
            message=f"the test of a good backup fails: {last_words(control)}",
            hint="what it says is the reason",
            evidence=lines(control),
        )
    if scratch and not seen.scratch:
        return promise.broken(
            expected=expected,
            actual="no database came and went",
            message=f"no scratch database was there while the test ran, so nothing was restored: {last_words(control)}",
            hint="createdb, restore, count, dropdb",
            evidence=lines(control),
        )
    return None


def _of(attempt: Attempt) -> str:
    return {
        CONTROL: "of a good backup",
        DAMAGED: "of a backup that is cut short",
        NO_ROWS: "of a backup without rows",
        NO_BACKUP: "that found no backup",
        LEFTOVER: "after one that was killed",
    }[attempt.name]
