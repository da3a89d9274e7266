"""How long backups are kept, and that what prunes them takes nothing else."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Schedules, Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of, dumps, heeded, verifies

__all__ = ["kept_for_days", "retention_bounded", "retention_spares_the_last"]

BACKUPS = re.compile(r"backup|dump|\.sql|archive|\.gz\b|\.tar|snapshot", re.IGNORECASE)
SECONDS_PER_HOUR = 3600
COUNTED = re.compile(r"tail\s+-n\s*\+|head\s+-n\s*-|wc\s+-l|ls\s+-\w*t")


@dataclass(frozen=True, slots=True)
class Pruning:
    """One `find` that deletes."""

    script: Script
    call: Call
    folder: str
    pattern: str
    age: str
    test: str

    @property
    def said(self) -> str:
        """What it does, in short."""
        return f"{self.call.spot}: {self.folder} {self.pattern or 'everything'} {self.test} {self.age}".rstrip()


def prunings(scripts: ShellScripts, *, files: str = "") -> Iterator[Pruning]:
    """Every `find` in the scripts that deletes."""
    for script in scripts.of(files):
        for call in calls_of(script):
            if call.program == "find" and _deletes(script, call):
                test = next((a for a in call.arguments if a in ("-mtime", "-mmin", "-ctime", "-atime", "-cmin")), "")
                yield Pruning(
                    script=script,
                    call=call,
                    folder=next((a for a in call.arguments if not a.startswith("-")), "."),
                    pattern=next((v for o in ("-name", "-iname", "-path", "-regex") if (v := call.value_of(o))), ""),
                    age=_following(call, test),
                    test=test,
                )


def _following(call: Call, option: str) -> str:
    return call.arguments[call.arguments.index(option) + 1] if option and call.arguments[-1] != option else ""


def _deletes(script: Script, call: Call) -> bool:
    if "-delete" in call.arguments:
        return True
    if {"-exec", "-execdir", "-ok"} & set(call.arguments) and "rm" in call.arguments:
        return True
    return any(
        other.program == "rm" and other.command.pipe == call.command.pipe
        for other in calls_of(script)[call.number + 1 :]
        if call.command.pipe
    )


def kept_for_days(
    promise: Promise,
    scripts: ShellScripts,
    schedules: Schedules | None,
    *,
    pattern: str,
    days: int,
    folder: str = "",
    at_least_every_hours: int = 0,
) -> Finding:
    """What matches the pattern is deleted when it is older than so many days, and not before."""
    found = [p for p in prunings(scripts) if fnmatch.fnmatchcase(pattern, p.pattern) and p.folder.startswith(folder)]
    found = [p for p in found if p.pattern == pattern]
    holes = []
    for pruning in found:
        if (pruning.test, pruning.age) != ("-mtime", f"+{days}"):
            stated = f"{pruning.test} {pruning.age}".strip() or "whatever their age"
            holes.append(
                Hole(
                    spot=pruning.call.spot,
                    what=f"{pattern} is deleted with {stated}, not after {days} days",
                    fix=f"find … -name '{pattern}' -mtime +{days} -delete",
                )
            )
        lines = [line for line in schedules.lines if pruning.script.name in line.command] if schedules else []
        gaps = [line.worst_gap for line in lines if line.worst_gap is not None]
        if at_least_every_hours and gaps and min(gaps) > at_least_every_hours * SECONDS_PER_HOUR:
            what = (
                f"{pruning.script.name} runs every {min(gaps) / SECONDS_PER_HOUR:g} h, not every {at_least_every_hours}"
            )
            holes.append(Hole(spot=lines[0].spot, what=what, fix="a schedule that is dense enough"))
    return promise.judged(
        holes,
        looked=[pruning.said for pruning in found],
        expected=f"{pattern} kept for {days} days",
        hint=f"find … -name '{pattern}' -mtime +{days} -delete",
        nothing=f"no script deletes {pattern}",
    )


def retention_bounded(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """What deletes old files takes those of one name, by the age of what is in them, in days where days are meant."""
    found = list(prunings(scripts, files=files))
    return promise.judged(
        [hole for pruning in found for hole in _unbounded(pruning)],
        looked=[pruning.said for pruning in found],
        expected="old files deleted by name and by age in days",
        nothing="no script deletes by age",
    )


def _unbounded(pruning: Pruning) -> Iterator[Hole]:
    call, arguments = pruning.call, pruning.call.arguments
    texts = [word.text for word in call.command.words]
    spot = call.spot
    if "-delete" in arguments and any(
        a in ("-name", "-mtime", "-type") for a in arguments[arguments.index("-delete") :]
    ):
        what = "find goes from left to right: -delete stands before the tests, and takes everything"
        yield Hole(spot=spot, what=what, fix="-delete comes last (find(1))")
    elif pruning.test in ("-ctime", "-atime", "-cmin"):
        what = f"{pruning.test} is no age: a chmod or a read makes a file young again"
        yield Hole(spot=spot, what=what, fix=f"-mtime {pruning.age}")
    elif pruning.test == "-mmin" and any("DAY" in text.upper() for text in texts):
        what = f"-mmin counts minutes, {pruning.age} is meant in days: all but the newest are deleted"
        yield Hole(spot=spot, what=what, fix="-mtime")
    elif re.fullmatch(r"-\d+", pruning.age):
        what = f"{pruning.test} {pruning.age} deletes the young ones and keeps the old"
        yield Hole(spot=spot, what=what, fix=f"{pruning.test} +{pruning.age[1:]}")
    elif re.fullmatch(r"\d+|\$\w+", pruning.age):
        what = f"{pruning.test} {pruning.age} deletes what is exactly that old: what one run misses stays for ever"
        yield Hole(spot=spot, what=what, fix=f"{pruning.test} +{pruning.age}")
    elif not pruning.pattern and "-empty" not in arguments and not _temporary(pruning.folder):
        what = f"takes every file under {pruning.folder}, whatever it is and however long that is to be kept"
        yield Hole(spot=spot, what=what, fix="-name 'database_*.sql.gz', and each kind in a folder of its own")


def _temporary(folder: str) -> bool:
    return folder.startswith(("/tmp", "/var/tmp", "$tmp", "*"))  # noqa: S108 - what is judged, not where we write


def retention_spares_the_last(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """Old backups go only after a new one was found good: else a week of failures deletes the last good one."""
    found = [p for p in prunings(scripts, files=files) if BACKUPS.search(f"{p.folder}/{p.pattern}") and p.script.whole]
    holes = []
    for pruning in found:
        before = calls_of(pruning.script)[: pruning.call.number]
        made = [c for c in before if dumps(c) or (c.program == "tar" and not verifies(c))]
        checked = [c for c in before if verifies(c) and heeded(pruning.script, c)]
        if (
            COUNTED.search(pruning.script.source.text)
            or not _makes_any(pruning.script)
            or "-empty" in pruning.call.arguments
        ):
            continue
        if not made:
            holes.append(
                Hole(
                    spot=pruning.call.spot,
                    what="deletes old backups before the new one is made",
                    fix="make and check the new backup first",
                )
            )
        elif not _ends_it(made[-1]) and (not checked or checked[-1].number < made[-1].number):
            holes.append(
                Hole(
                    spot=pruning.call.spot,
                    what=f"deletes old backups whether or not the new one ({made[-1].program}) is any good",
                    fix="gzip --test or pg_restore --list first, and stop when that fails",
                    beside=(made[-1].spot,),
                )
            )
    return promise.judged(
        holes,
        looked=[pruning.said for pruning in found],
        expected="the last good backup is never deleted",
        nothing="no script deletes backups",
    )


def _ends_it(call: Call) -> bool:
    """Whether its failure, in a pipe or out of it, keeps the script from going on."""
    if call.command.pipe and not call.command.last and not call.command.pipefail:
        return False
    return call.command.stops or (bool(call.command.otherwise) and not call.command.pipe)


def _makes_any(script: Script) -> bool:
    return any(dumps(call) or (call.program == "tar" and not verifies(call)) for call in calls_of(script))
