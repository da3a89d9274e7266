"""Whether a restore refuses what it should, before it has touched anything."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import RestoreRefusals
from plimsoll.observations.drills.troubles import CONTROL, INTERRUPTED, NOTHING
from plimsoll.rules.recovery.trials import last_words, lines, tried

__all__ = ["interrupted_restore_repeatable", "missing_argument_lists_backups", "restore_refused"]

BROKEN = {
    "truncated": ("a backup that is cut short", "compare its checksum, written when it was made, before anything else"),
    "bit-flipped": (
        "a backup with a flipped bit",
        "compare its checksum, written when it was made, before anything else",
    ),
    "empty": ("an empty backup", '[[ -s "$backup" ]] before anything else'),
    "encrypted": (
        "a backup that is encrypted with a lost key",
        "read how it begins, and not its name alone: gzip's 1f 8b, pg_restore --list, before anything else",
    ),
    "foreign-database": (
        "another database's backup",
        "write down beside a backup which database it is of, and compare before anything else",
    ),
    "newer-version": (
        "a newer PostgreSQL's backup",
        "write down beside a backup the version it was made with, and compare before anything else",
    ),
    "mistyped": ("a backup that does not exist", '[[ -e "$backup" ]] before anything else'),
    "no-argument": ("a restore of nothing in particular", '"${1:?usage: …}"'),
    "no-consent": ("a restore over a live database that nobody agreed to", "count its tables, and ask for --replace"),
}
"""What is tried, in words, and what refuses it."""


def restore_refused(promise: Promise, seen: RestoreRefusals, *, attempt: str, code: int = 0, says: str = "") -> Finding:
    """A restore that cannot succeed, or that nobody agreed to, is refused with the reason, and changes nothing.

    `attempt` is what is tried: truncated, bit-flipped, empty, encrypted (with a key that nobody has), foreign-database,
    newer-version, mistyped, no-argument, no-consent. `code` is the exit code that was promised, 0 any but that; `says`
    a pattern for the reason.
    """
    expected = f"an exit code {f'of {code}' if code else 'other than 0'}, the reason, and nothing changed"
    found = tried(promise, seen, attempt, expected=expected)
    if isinstance(found, Finding):
        return found
    what, hint = BROKEN.get(attempt, (attempt, "refuse before anything is touched"))
    wrong = ""
    if found.changed and found.code:
        wrong = f"was refused too late, as it had changed what is there: {found.changed[0]}"
    elif found.changed:
        wrong = f"was taken, and what was there is not any more: {found.changed[0]}"
    elif found.code == 0:
        wrong = f"was taken for done: {last_words(found)}"
    elif code and found.code != code:
        wrong, hint = f"ended with {found.code}, and {code} was promised", f"exit {code}"
    elif not found.output.strip() or not re.search(says, found.output):
        wrong, hint = f"was refused without the reason: {last_words(found)}", "echo what is wrong to standard error"
    if not wrong:
        return promise.kept(expected=expected, actual=f"it ended with {found.code}", evidence=lines(found))
    return promise.broken(
        expected=expected,
        actual=f"it ended with {found.code}, and {len(found.changed)} things changed",
        message=f"{what} {wrong}",
        hint=hint,
        evidence=lines(found),
    )


def missing_argument_lists_backups(promise: Promise, seen: RestoreRefusals, *, code: int = 0) -> Finding:
    """A restore that is told no backup lists those that there are, fails, and changes nothing.

    `code` is the exit code that was promised, 0 any but that.
    """
    expected = f"the backups that there are, and an exit code {f'of {code}' if code else 'other than 0'}"
    refused = restore_refused(promise, seen, attempt=NOTHING, code=code)
    found = seen.of(NOTHING)
    if found is None or refused.message != "kept":
        return refused
    unlisted = [name for name in seen.backups if name not in found.output]
    if not seen.backups:
        return promise.unknown("there was no backup that could have been listed", expected=expected)
    if unlisted:
        return promise.broken(
            expected=expected,
            actual=f"{len(seen.backups) - len(unlisted)} of {len(seen.backups)} are listed",
            message=f"told no backup, the restore does not say that there is {unlisted[0]}: {last_words(found)}",
            hint="list the names that may be given, from where backups are fetched",
            evidence=lines(found),
        )
    return promise.kept(expected=expected, actual=f"{len(seen.backups)} are listed", evidence=lines(found))


def interrupted_restore_repeatable(promise: Promise, seen: RestoreRefusals) -> Finding:
    """A restore that was killed half-way can be run again, and then all is as the backup has it."""
    expected = "a second run that brings back what was backed up"
    found = tried(promise, seen, INTERRUPTED, expected=expected)
    if isinstance(found, Finding):
        return found
    control = seen.of(CONTROL)
    much = control is not None and len(found.left) > len(control.left)
    if found.code or found.changed or much:
        why = f"what the first run had made was still there: {', '.join(found.left)}"
        if found.code or found.changed:
            why = last_words(found) if found.code else f"something is not as it was: {found.changed[0]}"
        return promise.broken(
            expected=expected,
            actual=f"the second run ended with {found.code}",
            message=f"a restore was killed half-way, and when it was run again {why}",
            hint="restore into a database of its own, drop what an earlier run left, and swap at the end",
            evidence=lines(found),
        )
    return promise.kept(expected=expected, actual="the second run succeeded", evidence=lines(found))
