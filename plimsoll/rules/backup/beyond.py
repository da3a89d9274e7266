"""What comes of backups beyond the host's folder: copies elsewhere, announcements, log lines, and no secrets."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills.made import BackupsMade, CronRuns, Made
from plimsoll.rules.backup.runs import Flaw, judged_runs

__all__ = [
    "backup_announced",
    "backup_keeps_secrets",
    "backup_logged",
    "backup_runs_from_cron",
    "backup_sent_off_host",
]

CONFIGURATION = "nothing is sent where no bucket is set"


def backup_sent_off_host(
    promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = (), bucket: str = "", prefix: str = ""
) -> Finding:
    """Every file of a backup is in the bucket, under the prefix, with the very same bytes."""
    place = f"s3://{bucket or '*'}/{prefix}"

    def flaws(run: Made) -> Iterator[Flaw]:
        for piece in run.pieces:
            copies = [sent for sent in run.sent if sent.like == piece.path]
            named = [sent for sent in run.sent if sent.key.endswith(f"/{piece.name}") or sent.key == piece.name]
            if not copies and named:
                what = f"{named[0]} has {named[0].bytes} bytes, and {piece.name} has others ({piece.bytes} bytes)"
                yield Flaw(run=run, what=what, fix="send it when it is whole, and only then")
            elif not copies:
                there = ", ".join(map(str, run.sent[:2])) or "nothing was sent"
                yield Flaw(run=run, what=f"{piece.name} is on the host alone ({there})", fix=f"aws s3 cp FILE {place}")
            elif not any(
                (not bucket or sent.bucket == bucket) and sent.key.startswith(prefix.lstrip("/")) for sent in copies
            ):
                yield Flaw(run=run, what=f"{piece.name} was sent to {copies[0]}, not to {place}", fix=place)

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected=f"the same bytes in {place}",
        says=lambda run: ", ".join(str(sent) for sent in run.sent[:2]),
    )


def backup_announced(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """That a backup is done is announced, once, and the announcement says of what."""

    def flaws(run: Made) -> Iterator[Flaw]:
        if not run.told:
            yield Flaw(run=run, what="nobody was told that it is done", fix='curl --data … "$NOTIFY_WEBHOOK_URL"')
        elif any("FAIL" in told.upper() for told in run.told):
            yield Flaw(run=run, what=f"it worked, and a failure was announced: {run.told[0]}", fix="tell what happened")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected="an announcement of what was backed up",
        says=lambda run: run.told[0],
    )


def backup_logged(promise: Promise, seen: BackupsMade, *, act: str, file: str = "") -> Finding:
    """A backup says with date and time that it is done, and its schedule keeps what it says in a log file."""

    def flaws(run: Made) -> Iterator[Flaw]:
        if not run.output.strip():
            yield Flaw(run=run, what="it says nothing, so the log has nothing", fix="say what was backed up, and when")
        elif not any(dated(line) for line in run.output.splitlines()):
            what = f"no line of what it says has a date: {run.output.strip().splitlines()[-1]}"
            yield Flaw(run=run, what=what, fix="date -u +%Y-%m-%dT%H:%M:%SZ before each line")
        if not run.log:
            yield Flaw(run=run, what="no schedule keeps what it says", fix=f">> {file or '/var/log/….log'} 2>&1")
        elif file and run.log != file:
            yield Flaw(run=run, what=f"its words go into {run.log}, not into {file}", fix=f">> {file} 2>&1")

    return judged_runs(
        promise,
        seen,
        (act,),
        flaws,
        expected=f"a dated line in {file or 'a log'}",
        says=lambda run: f"{run.log}: {run.output.strip().splitlines()[-1]}",
    )


def dated(line: str) -> bool:
    """Whether a line begins, or goes on, with a date."""
    words = line.replace("T", "-").replace("/", "-").strip("[( ").split("-")
    return len(words) > 2 and words[0].isdecimal() and words[1].isdecimal()  # noqa: PLR2004 - year, month, day


def backup_keeps_secrets(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """No password stands in what a backup says, in an announcement, in a log, or in a name."""

    def flaws(run: Made) -> Iterator[Flaw]:
        for place in run.spilled:
            yield Flaw(run=run, what=f"a secret stands in {place}", fix="PGPASSWORD or ~/.pgpass; never an argument")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected="no secret outside of files that are secret",
        says=lambda run: f"{run.act}: none in {len(run.output)} characters and {len(run.told)} announcements",
    )


def backup_runs_from_cron(promise: Promise, seen: CronRuns) -> Finding:
    """A scheduled backup works with what cron gives it: sh, a short PATH, no terminal, and nobody's settings."""
    expected = "scheduled backups that work from cron"
    if not seen.runs:
        return promise.unknown(seen.trouble or "no schedule runs a backup of the runbook", expected=expected)
    evidence = [f"{run.spot}: `{run.command}` ended with {run.code}" for run in seen.runs]
    for run in seen.runs:
        words = run.output.strip() or run.logged.strip()
        last = words.splitlines()[-1] if words else "it said nothing"
        if run.code:
            return promise.broken(
                expected=expected,
                actual=f"{run.act} ends with {run.code}",
                message=f"{run.spot}: {run.act} fails when cron runs it: {last}",
                hint="cron has sh, the PATH of the crontab and no settings of a login: name all that it needs",
                evidence=evidence,
            )
        if not run.pieces:
            return promise.broken(
                expected=expected,
                actual=f"{run.act} leaves no backup",
                message=f"{run.spot}: {run.act} ends well when cron runs it, and leaves no backup: {last}",
                hint="cron ends a command at the first % that has no backslash",
                evidence=evidence,
            )
        if run.log and not run.logged.strip():
            return promise.broken(
                expected=expected,
                actual=f"{run.log} stays empty",
                message=f"{run.spot}: what {run.act} says does not come into {run.log}",
                hint=f">> {run.log} 2>&1",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=f"{len(seen.runs)} lines", evidence=evidence)
