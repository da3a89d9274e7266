"""What becomes of migrations: one that cannot be run, or fails half-way, one that is run twice, and twice at once."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Attempt, MigrationRuns
from plimsoll.observations.drills.troubles import AGAIN, AT_ONCE, CONTROL, DOWN, HALF_WAY, IDLE, STATUS
from plimsoll.rules.recovery.trials import last_words, lines

__all__ = [
    "failed_migration_leaves_nothing",
    "migration_runs_once",
    "migration_status_confirmed",
    "migration_stops_without_database",
]

HEEDED = "set -e, and nothing behind a command that makes its failure look well: no `|| true`, no pipe, no `;`"


def migration_stops_without_database(promise: Promise, seen: MigrationRuns) -> Finding:
    """A migration that is run while the database is away ends with an error, and nothing is changed."""
    expected = "an exit code other than 0, and nothing changed"
    found = _tried(promise, seen, DOWN, expected=expected)
    if isinstance(found, Finding):
        return found
    if not found.code:
        return _broken(
            promise, found, expected, f"the database is away, and the migration is said to be done: {last_words(found)}"
        )
    if found.changed:
        return _broken(promise, found, expected, f"the database was away, and yet this is changed: {found.changed[0]}")
    return promise.kept(expected=expected, actual=f"it ended with {found.code}", evidence=lines(found))


def migration_status_confirmed(promise: Promise, seen: MigrationRuns) -> Finding:
    """After a migration its status is asked: one that is still pending ends with an error, whatever its tool said.

    What the runbook does to ask for the status says that all is well then.
    """
    expected = "what is still pending ends with an error, what is applied does not"
    found = _tried(promise, seen, IDLE, expected=expected)
    if isinstance(found, Finding):
        return found
    if not found.code:
        what = "the migration is still pending, and is said to be done"
        hint = "ask for the status after each run, and end with what that says"
        return _broken(promise, found, expected, f"{what}: {last_words(found)}", hint=hint)
    control, status = seen.of(CONTROL), seen.of(STATUS)
    if control is None or not control.changed:
        return _broken(promise, control or found, expected, "the migration is said to be done, and nothing is changed")
    if status is not None and status.code:
        what = f"everything is applied, and the status says otherwise: {last_words(status)}"
        return _broken(promise, status, expected, what)
    actual = f"a pending one ended with {found.code}, an applied one with {control.code}"
    return promise.kept(expected=expected, actual=actual, evidence=[*lines(found), *lines(status)])


def failed_migration_leaves_nothing(promise: Promise, seen: MigrationRuns) -> Finding:
    """A migration that fails half-way ends with an error, and leaves nothing of what it had done until then."""
    expected = "an exit code other than 0, and everything as it was"
    half = seen.of(HALF_WAY)
    if half is not None and half.changed:  # then it cannot be run again either, so that no control shows anything
        what = f"a migration failed half-way, and this is left of it: {half.changed[0]}"
        hint = "one transaction for all of it, and nothing in it that ends one"
        return _broken(promise, half, expected, what, hint=hint)
    found = _tried(promise, seen, HALF_WAY, expected=expected)
    if isinstance(found, Finding):
        return found
    if not found.code:
        return _broken(
            promise, found, expected, f"a migration failed half-way, and is said to be done: {last_words(found)}"
        )
    return promise.kept(expected=expected, actual=f"it ended with {found.code}", evidence=lines(found))


def migration_runs_once(promise: Promise, seen: MigrationRuns) -> Finding:
    """A migration that is run again changes nothing and ends well; of two at once only one is begun."""
    expected = "nothing to do the second time, and one of two at once"
    found = _tried(promise, seen, AGAIN, expected=expected)
    if isinstance(found, Finding):
        return found
    if found.code or found.changed:
        what = found.changed[0] if found.changed else last_words(found)
        return _broken(promise, found, expected, f"a migration that was applied is run again: {what}")
    twice = _tried(promise, seen, AT_ONCE, expected=expected)
    if isinstance(twice, Finding):
        return twice
    hint = "take a lock for the whole of a run, in the database: pg_advisory_lock, or what the tool has for it"
    if seen.begun > 1:
        what = f"two runs at once have begun the same migration {seen.begun} times"
        return _broken(promise, twice, expected, what, hint=hint)
    if twice.code or not twice.changed:
        what = f"two runs at once, and neither has done it: {last_words(twice)}"
        return _broken(promise, twice, expected, what, hint=hint)
    return promise.kept(expected=expected, actual=twice.landed, evidence=[*lines(found), *lines(twice)])


def _tried(promise: Promise, seen: MigrationRuns, name: str, *, expected: str) -> Attempt | Finding:
    """The attempt of that name; or why nothing can be told of it."""
    control, found = seen.of(CONTROL), seen.of(name)
    if found is None or found.trouble or not found.landed:
        why = found.trouble if found else seen.trouble
        fact = f"{name} could not be tried: {why or 'nothing shows that it befell the migration'}"
        return promise.unknown(fact, expected=expected, evidence=lines(found))
    if control is None or control.code:
        said = last_words(control) if control else "it was not tried"
        fact = f"the migration fails even when nothing befalls it: {said}"
        return promise.unknown(fact, expected=expected, hint="mend that first", evidence=lines(control))
    return found


def _broken(promise: Promise, found: Attempt, expected: str, message: str, *, hint: str = HEEDED) -> Finding:
    return promise.broken(
        expected=expected,
        actual=f"it ended with {found.code}, and {len(found.changed)} things changed",
        message=message,
        hint=hint,
        evidence=lines(found),
    )
