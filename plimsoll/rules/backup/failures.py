"""Whether a backup that fails says so, leaves nothing that looks like one, and spoils none that there was."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Attempt, BackupFailures, OffsiteTroubles
from plimsoll.observations.drills.troubles import AT_ONCE, CLOCK
from plimsoll.rules.recovery.trials import last_words, lines, tried

__all__ = ["backups_at_once_safe", "clock_jumps_spoil_nothing", "failed_backup_reported", "failed_copy_reported"]

PIPES = "set -o pipefail, and check the exit code of every step: of a pipe's only the last one counts otherwise"
RENAMED = 'write to "$file.partial", check it, then mv it to "$file"; a trap removes what is left over'


def failed_backup_reported(
    promise: Promise, seen: BackupFailures, *, attempt: str, code: int = 0, announced: bool = True
) -> Finding:
    """A backup that fails ends with an error, says so, leaves nothing that looks like one, and older ones as they were.

    `attempt` is what befalls it: dump-killed, script-killed, disk-full, login-refused, permission-denied,
    database-down, folder-unusable, damaged-on-the-way, damaged-full-backup. `code` is the exit code that was promised,
    0 any but that; `announced` whether somebody has to be told.
    """
    expected = f"an exit code {f'of {code}' if code else 'other than 0'}, nothing left, older backups as they were"
    found = tried(promise, seen, attempt, expected=expected)
    if isinstance(found, Finding):
        return found
    killed = attempt == "script-killed"  # whoever is killed says nothing
    wrong, hint = _spoilt(found)
    if not wrong and not killed:
        wrong, hint = _silent(found, code=code, announced=announced)
    if not wrong:
        actual = f"it ended with {found.code}, {'announced' if found.told else 'not announced'}, and left nothing"
        return promise.kept(expected=expected, actual=actual, evidence=lines(found))
    return promise.broken(
        expected=expected,
        actual=f"it ended with {found.code}, and left {len(found.left)} that look good",
        message=f"{_befell(attempt)}, and {wrong}",
        hint=hint,
        evidence=lines(found),
    )


def backups_at_once_safe(promise: Promise, seen: BackupFailures) -> Finding:
    """Of two backups begun at once the second refuses or waits, and neither spoils the other."""
    expected = "a second backup that refuses, or waits for its turn"
    found = tried(promise, seen, AT_ONCE, expected=expected)
    if isinstance(found, Finding):
        return found
    local = [name for name in found.left if not name.startswith("s3://")]
    if found.changed:
        wrong = f"an older backup is not what it was: {found.changed[0]}"
    elif len(local) != (2 if found.code == 0 else 1):
        wrong = f"the second ended with {found.code}, and {len(local)} good backups are there: {found.output[-200:]}"
    else:
        what = "waited for its turn" if found.code == 0 else "refused"
        return promise.kept(expected=expected, actual=f"the second {what}", evidence=lines(found))
    return promise.broken(
        expected=expected,
        actual=f"{len(local)} backups of two runs",
        message=f"two backups ran at once, and {wrong}",
        hint='exec 9> "$LOCK_DIR/backup.lock"; flock --nonblock 9 || exit 1',
        evidence=lines(found),
    )


def clock_jumps_spoil_nothing(promise: Promise, seen: BackupFailures) -> Finding:
    """When the clock goes back, a backup overwrites none and prunes none: it has a name of its own, or fails."""
    expected = "older backups as they were"
    found = tried(promise, seen, CLOCK, expected=expected)
    if isinstance(found, Finding):
        return found
    if found.changed:
        return promise.broken(
            expected=expected,
            actual=f"{len(found.changed)} of them are not what they were",
            message=f"the clock went back, and the next backup spoilt one that was there: {found.changed[0]}",
            hint='[[ ! -e "$file" ]] before the backup is renamed; age is told by mtime, not by names alone',
            evidence=lines(found),
        )
    return promise.kept(expected=expected, actual=f"it ended with {found.code}", evidence=lines(found))


def failed_copy_reported(
    promise: Promise, seen: OffsiteTroubles, *, attempt: str, within: float, announced: bool = True
) -> Finding:
    """A backup whose copy cannot be sent off the host says so in time, and keeps the local one.

    `attempt` is what befalls it: unreachable, slow, out-of-space, denied. `within` are the seconds after which it has
    to have given up, or to be done; `announced` whether somebody has to be told.
    """
    expected = f"the local copy kept, an end within {within:g} s, and an error unless the copy is off the host"
    found = tried(promise, seen, attempt, expected=expected)
    if isinstance(found, Finding):
        return found
    local = [name for name in found.left if not name.startswith("s3://")]
    remote = [name for name in found.left if name.startswith("s3://")]
    wrong = hint = ""
    if found.seconds > within:
        wrong, hint = (
            f"took {found.seconds:.0f} s to end",
            "AWS_MAX_ATTEMPTS, --cli-connect-timeout, --cli-read-timeout",
        )
    elif not local:
        wrong, hint = "the local backup is gone, too", "the local copy stays until another one is good"
    elif found.code == 0 and not remote:
        wrong, hint = "says that all is well", PIPES
    elif found.changed:
        wrong, hint = f"an older backup is not what it was: {found.changed[0]}", "prune only after the copy was sent"
    elif found.code and announced and not found.told:
        wrong, hint = "told nobody", "post the failure to the webhook, too: trap … EXIT"
    if wrong:
        return promise.broken(
            expected=expected,
            actual=f"it ended with {found.code} after {found.seconds:.1f} s",
            message=f"the store was {attempt.replace('-', ' ')}, and the backup {wrong}",
            hint=hint,
            evidence=lines(found),
        )
    sent = "sent" if remote else "not sent, and it says so"
    return promise.kept(expected=expected, actual=f"{sent} after {found.seconds:.1f} s", evidence=lines(found))


def _spoilt(found: Attempt) -> tuple[str, str]:
    """What is worse than any silence: half a backup that looks like one, or a good one that is gone."""
    if found.changed:
        return f"an older backup is not what it was: {found.changed[0]}", "prune only after a new one was found good"
    if found.left and found.code:
        return f"what is left looks like a good backup: {found.left[0]}", RENAMED
    if found.left:
        return f"it says that all is well, and left {found.left[0]}", PIPES
    return "", ""


def _silent(found: Attempt, *, code: int, announced: bool) -> tuple[str, str]:
    """What keeps anybody from noticing."""
    if found.code == 0:
        return f"it says that all is well: {last_words(found)}", PIPES
    if code and found.code != code:
        return f"it ended with {found.code}, and {code} was promised", f"exit {code}"
    if not found.output.strip():
        return f"it ended with {found.code} and said nothing", "echo what failed to standard error"
    if announced and not found.told:
        return "nobody was told", "post the failure to the webhook, too: trap … EXIT"
    return "", ""


def _befell(attempt: str) -> str:
    return {
        "dump-killed": "the dump broke off half-way",
        "script-killed": "the backup was killed half-way",
        "disk-full": "the disk was full",
        "login-refused": "the database refused the backup's login",
        "permission-denied": "the backup was not allowed to read a table",
        "database-down": "the database was down",
        "folder-unusable": "the folder for backups could not be written to",
        "damaged-on-the-way": "the backup was damaged while it was written",
        "damaged-full-backup": "the full backup was damaged while it was written",
    }.get(attempt, attempt)
