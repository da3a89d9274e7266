"""That backups, their schedule, their retention and the way back speak of the same files."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Schedules, Script, ShellScripts
from plimsoll.rules.backup.made import CIPHERS, UNPACKING, Backup, backups
from plimsoll.rules.operations.programs import Call, calls_of, dumps, restores, uploads
from plimsoll.rules.recovery.gaps import duration, worst_gap_of
from plimsoll.rules.texts import whole_number

__all__ = [
    "archives_return_home",
    "backups_meet_rpo",
    "buckets_agree",
    "restores_read_what_backups_write",
    "scheduled_scripts_exist",
]

SECONDS_PER_HOUR = 3600
OWN = re.compile(
    r"(?<!\S)(?P<path>[\w./*$-]*/)(?P<name>[\w.-]+\.sh|(?<=/local/sbin/)[\w.-]+|(?<=/local/bin/)[\w.-]+)(?!\S)"
)
"""A path to a script of ours: with a shell's suffix, or where administrators install theirs."""

BUCKET = re.compile(r"s3://(?P<bucket>[^/\s]+)/?(?P<prefix>[^/\s]*)")


def scheduled_scripts_exist(promise: Promise, schedules: Schedules, scripts: ShellScripts) -> Finding:
    """Every script that runs by itself is among the files."""
    names = {form for s in scripts.scripts for form in (s.name, s.name.removesuffix(".sh"))}
    written = any(script.whole for script in scripts.scripts)
    holes, looked = [], []
    for line in schedules.lines:
        found = OWN.search(line.command.split(" >")[0])
        if not found or not written:
            continue
        looked.append(line)
        if found["name"] not in names:
            near = min(scripts.scripts, key=lambda s: _unlike(s.name, found["name"]))
            holes.append(
                Hole(
                    spot=line.spot,
                    what=f"{found['name']} is to run by itself, and no such script is among the files",
                    fix=f"is {near.name} meant? Else write it: cron tells nobody that it is missing",
                    beside=(near.source.spot(1),),
                )
            )
    return promise.judged(
        holes, looked=looked, expected="scripts that are there", nothing="nothing runs a script of ours"
    )


def _unlike(one: str, other: str) -> int:
    return len(set(one) ^ set(other))


def backups_meet_rpo(promise: Promise, schedules: Schedules, scripts: ShellScripts, *, hours: int = 0) -> Finding:
    """Dumps are never further apart than the time whose loss is accepted (RPO_HOURS of the settings, or `hours`)."""
    holes, looked = [], []
    dumping = [s for s in scripts.of() if any(dumps(call) for call in calls_of(s))]
    runners = {name for script in dumping for name in _runners(script, scripts)}
    stated = hours or max((whole_number(s.known.get("RPO_HOURS", "")) or 0 for s in dumping), default=0)
    if stated and dumping:
        gap = worst_gap_of(schedules, *sorted(runners))
        looked = [str(line) for line in gap.lines] or [dumping[0].name]
        call = next(c for c in calls_of(dumping[0]) if dumps(c))
        if not gap.lines:
            what = f"{dumping[0].name} dumps the database, and nothing runs it"
            holes.append(Hole(spot=call.spot, what=what, fix="a line in the crontab"))
        elif not gap.trouble and gap.seconds > stated * SECONDS_PER_HOUR:
            between = f" ({gap.between})" if gap.between else ""
            holes.append(
                Hole(
                    spot=gap.lines[0].spot,
                    what=f"up to {duration(gap.seconds)} pass between two dumps, and {stated} h may be lost{between}",
                    fix=f"a schedule with no gap above {stated} h",
                    beside=(dumping[0].source.spot(1),),
                )
            )
    return promise.judged(holes, looked=looked, expected="dumps as often as promised", nothing="no RPO is stated")


def _runners(script: Script, scripts: ShellScripts) -> set[str]:
    """The script, and those that run it."""
    return {script.name} | {s.name for s in scripts.of() for c in s.commands if _names(c.argv[:1], script.name)}


def _names(argv: tuple[str, ...], name: str) -> bool:
    return bool(argv) and argv[0].rpartition("/")[2] == name


def restores_read_what_backups_write(promise: Promise, scripts: ShellScripts) -> Finding:
    """What restores can read the form that backups have."""
    made = [backup for backup in backups(scripts) if dumps(backup.call) and backup.call.program.startswith("pg_dump")]
    back = [(s, call) for s in scripts.of() for call in calls_of(s) if restores(call)]
    holes = []
    for script, call in back if made else []:
        together = {c.program for c in calls_of(script) if c.command.pipe and c.command.pipe == call.command.pipe}
        wrong = _misfit(call, together, made)
        if wrong:
            what, fix, backup = wrong
            holes.append(Hole(spot=call.spot, what=what, fix=fix, beside=(backup.call.spot,)))
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in back] if made else [],
        expected="restores that read what is there",
        nothing="no script makes dumps, or none restores any",
    )


def _misfit(call: Call, together: set[str], made: list[Backup]) -> tuple[str, str, Backup] | None:
    first = made[0]
    if call.program == "pg_restore" and not any(b.custom for b in made):
        return f"pg_restore reads no SQL, and {first.file} is SQL", "psql --set ON_ERROR_STOP=1", first
    if call.program != "psql":
        return None
    plain = [b for b in made if not b.custom]
    if not plain:
        return f"psql reads SQL, and {first.file} is PostgreSQL's own format", "pg_restore --exit-on-error", first
    if all(b.packed for b in plain) and not together & UNPACKING:
        what = f"psql is given a file that is not unpacked, and the backups are {plain[0].file}"
        return what, "gunzip --stdout FILE | psql …", plain[0]
    if all(b.sealed for b in plain) and not together & CIPHERS:
        return f"nothing decrypts, and {plain[0].file} is encrypted", "gpg --decrypt FILE | …", plain[0]
    return None


def buckets_agree(promise: Promise, scripts: ShellScripts) -> Finding:
    """What is listed, fetched or deleted in a bucket is what backups are sent to."""
    sent, others = list[tuple[Call, str, str]](), list[tuple[Call, str, str]]()
    for script in scripts.of():
        for call in calls_of(script):
            places = [BUCKET.match(argument) for argument in call.arguments]
            if not any(places):
                continue
            upload = uploads(call) and bool(places[-1] or (places and places[-2:-1] != [None] and not places[-2:-1][0]))
            place = next(p for p in places if p)
            (sent if upload and not _fetches(call) else others).append((call, place["bucket"], place["prefix"]))
    known = {(bucket, prefix) for _, bucket, prefix in sent}
    holes = [
        Hole(
            spot=call.spot,
            what=f"speaks of s3://{bucket}/{prefix}, and backups are sent to "
            + ", ".join(sorted(f"s3://{b}/{p}" for b, p in known)),
            fix="one bucket and prefix, set in one place",
            beside=(sent[0][0].spot,),
        )
        for call, bucket, prefix in (others if sent else [])
        if (bucket, prefix) not in known and "$" not in bucket + prefix and "*" not in bucket + prefix
    ]
    return promise.judged(
        holes,
        looked=[f"{call.spot}: s3://{bucket}/{prefix}" for call, bucket, prefix in (*sent, *others)],
        expected="one place for what is sent, listed and fetched",
        nothing="no script speaks to a bucket",
    )


def _fetches(call: Call) -> bool:
    """Whether the bucket is where it comes from."""
    plain = [a for a in call.arguments if not a.startswith("-")]
    last = plain[-1] if plain else ""
    return call.program == "aws" and not last.startswith("s3://")


def archives_return_home(promise: Promise, scripts: ShellScripts) -> Finding:
    """An archive of what is in a folder is unpacked in that folder, or beside it and moved there when it is whole."""
    made = [b for b in backups(scripts) if b.call.program == "tar" and b.call.arguments[-1:] == (".",)]
    back = list(_unpacked(scripts))
    holes = []
    for call, file, folder in back:
        for backup in made:
            home = backup.call.value_of("-C", "--directory")
            alike = fnmatch.fnmatchcase(file.rpartition("/")[2], backup.file.rpartition("/")[2])
            if home and folder and alike and home.rstrip("/") != folder.rstrip("/") and "$" not in home + folder:
                what = f"unpacks in {folder} what {backup.script.name} packed in {home}: its files are strewn there"
                holes.append(Hole(spot=call.spot, what=what, fix=f"tar … -C {home}", beside=(backup.call.spot,)))
    looked = [f"{call.spot}: {file}" for call, file, _ in back] if made else []
    nothing = "no archive of a folder is unpacked"
    return promise.judged(holes, looked=looked, expected="archives unpacked where they came from", nothing=nothing)


def _unpacked(scripts: ShellScripts) -> Iterator[tuple[Call, str, str]]:
    """What is unpacked, and where it stays; nothing for one that is moved on."""
    for script in scripts.of():
        folder = ""
        for call in calls_of(script):
            if call.program == "cd" and call.arguments:
                folder = call.arguments[0]
            extracts = call.has("--extract") or bool(call.arguments and re.fullmatch(r"-?\w*x\w*", call.arguments[0]))
            if call.program == "tar" and extracts:
                there = call.value_of("-C", "--directory") or folder
                yield call, call.value_of("-f", "--file"), "" if _moved_on(script, call, there) else there


def _moved_on(script: Script, call: Call, folder: str) -> bool:
    """Whether what was unpacked in the folder is moved from there by a later command."""
    later = calls_of(script)[call.number + 1 :]
    return any("mv" in (c.program, *c.arguments) and folder in c.arguments[:-1] for c in later)
