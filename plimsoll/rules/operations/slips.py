"""Lines that run without an error and never do what they are there for."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of

__all__ = ["disk_alarms_compare_numbers", "listings_read_as_printed", "siblings_found_from_anywhere"]

PERCENT = re.compile(r"\$5\s*[<>]=?\s*\d+")
NAME_FIRST = re.compile(r"^\^(?!\s|\\s|\[\[:space:|\.|PRE|\(|\[0-9\]\{4\}-|[0-9]{4}-).*/\$?$")
"""A pattern for a line that begins with the name of a folder."""


def _before(script: Script, call: Call, program: str) -> Call | None:
    """What feeds a command through a pipe, if it is that program."""
    pipe = call.command.pipe
    found = (c for c in calls_of(script)[: call.number] if pipe and c.command.pipe == pipe and c.program == program)
    return next(found, None)


def disk_alarms_compare_numbers(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """How full a disk is is compared as a number: with its percent sign, 100% is less than 80."""
    found = [(s, c) for s in scripts.of(files) for c in calls_of(s) if c.program in ("awk", "gawk", "mawk")]
    found = [(s, c) for s, c in found if _before(s, c, "df") and PERCENT.search(c.command.text)]
    return promise.judged(
        [
            Hole(
                spot=call.spot,
                what="awk compares texts here, as df writes a percent sign: a disk at 100% is below every limit",
                fix="$5+0 > 80 makes a number of it",
            )
            for _, call in found
            if not re.search(r"g?sub\(", call.command.text)
        ],
        looked=[f"{call.spot}: df | awk" for _, call in found]
        + [f"{c.spot}: df" for s in scripts.of(files) for c in calls_of(s) if c.program == "df"],
        expected="numbers compared as numbers",
        nothing="no script looks how full a disk is",
    )


def listings_read_as_printed(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """What picks backups out of a bucket's listing fits its lines: `aws s3 ls` begins them with PRE, or with a date."""
    listed = [
        (s, c)
        for s in scripts.of(files)
        for c in calls_of(s)
        if c.program == "aws" and c.arguments[:2] == ("s3", "ls") and "--recursive" not in c.arguments
    ]
    holes = []
    for script, call in listed:
        same = [c for c in calls_of(script) if c.command.pipe and c.command.pipe == call.command.pipe]
        for other in same:
            pattern = next((a for a in other.arguments if not a.startswith("-")), "")
            if other.program in ("grep", "egrep") and NAME_FIRST.match(pattern) and other is same[same.index(call) + 1]:
                holes.append(
                    Hole(
                        spot=other.spot,
                        what=f"{pattern!r} fits no line: `aws s3 ls` begins those of folders with PRE",
                        fix="awk '$1 == \"PRE\" { print $2 }' first",
                    )
                )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.command.text}" for _, call in listed],
        expected="listings that are read as they are printed",
        nothing="no script lists a bucket",
    )


def siblings_found_from_anywhere(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A script finds those beside it wherever it is started: cron starts it in somebody's home."""
    holes, looked = [], []
    names = {script.name for script in scripts.of(files) if script.whole}
    for script in scripts.of(files):
        calls = calls_of(script)
        for call in calls:
            word = call.command.argv[0] if call.command.argv else ""
            name = word.rpartition("/")[2]
            if not script.whole or name not in names or "/" not in word:
                continue
            looked.append(f"{call.spot}: {word}")
            if word == f"./{name}" and not any(c.program == "cd" for c in calls[: call.number]):
                what = f"{word} is looked for in the folder that {script.name} is started in, which for cron is a home"
                holes.append(Hole(spot=call.spot, what=what, fix=f'"$(dirname "$0")/{name}"'))
    return promise.judged(
        holes, looked=looked, expected="scripts that find each other", nothing="no script runs another"
    )
