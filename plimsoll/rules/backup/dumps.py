"""How backups are made: whole under their final name, checked, told apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of, dumps, output_of, uploads, verifies

__all__ = ["backup_names_settled", "backups_checked", "backups_complete_when_named", "snapshots_awaited"]

DATE = re.compile(r"\$\(\s*date\b([^)]*)\)")
PARTIAL = re.compile(r"\.(partial|part|tmp|temp|new|incomplete)\b|/tmp/|\*$")
NO_DUMP = "no script dumps a database"


def _dumping(scripts: ShellScripts, files: str) -> Iterator[tuple[Script, Call]]:
    """Every dump that a script writes to a file."""
    for script in scripts.of(files):
        for call in calls_of(script):
            if script.whole and dumps(call) and output_of(script, call):
                yield script, call


def backups_complete_when_named(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A dump gets its final name when it is whole: half of one cannot be taken for a backup."""
    found = list(_dumping(scripts, files))
    holes = []
    for script, call in found:
        file = output_of(script, call)
        moved = any(c.program == "mv" and any(_inside(file, a) for a in c.arguments[:-1]) for c in calls_of(script))
        if not moved and not PARTIAL.search(file):
            holes.append(
                Hole(
                    spot=call.spot,
                    what=f"{call.program} writes straight to {file}: when it breaks off, half a dump is called so",
                    fix='write to "$file.partial", check it, then mv it to "$file"',
                )
            )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {output_of(s, call)}" for s, call in found],
        expected="dumps that are renamed when they are whole",
        nothing=NO_DUMP,
    )


def _inside(file: str, moved: str) -> bool:
    return file == moved or file.startswith(f"{moved}/")


def backups_checked(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A dump is read through before it is sent away or called done: that there is a file says nothing of it."""
    found = list(_dumping(scripts, files))
    holes = []
    for script, call in found:
        checks = [c for c in calls_of(script) if c.number > call.number and verifies(c)]
        sent = next((c for c in calls_of(script) if c.number > call.number and uploads(c)), None)
        if not checks:
            holes.append(
                Hole(
                    spot=call.spot,
                    what=f"nothing in {script.name} checks what {call.program} wrote",
                    fix="gzip --test FILE, and its last line; pg_restore --list FILE for other formats",
                )
            )
        elif sent and sent.number < checks[0].number:
            holes.append(
                Hole(
                    spot=checks[0].spot,
                    what="the dump is checked only after it has been uploaded",
                    fix="check first: what is off the host is what will be restored",
                    beside=(sent.spot,),
                )
            )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in found],
        expected="dumps that are checked first",
        nothing=NO_DUMP,
    )


def backup_names_settled(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A script asks for the date once: at midnight a second answer names another file."""
    holes, looked = [], []
    for script in scripts.of(files):
        asked: dict[str, list[Spot]] = defaultdict(list)
        for spot, text in _names(script):
            for date in DATE.findall(text):
                asked[date.strip()].append(spot)
        looked += [f"{spots[0]}: date {date}" for date, spots in asked.items() if script.whole]
        for date, spots in asked.items():
            if script.whole and len(spots) > 1:
                holes.append(
                    Hole(
                        spot=spots[1],
                        what=f"asks for $(date {date}) again: past midnight that is another file than the one written",
                        fix="stamp=$(date …) once, then $stamp",
                        beside=(spots[0],),
                    )
                )
    return promise.judged(
        holes, looked=looked, expected="one date for one backup", nothing="no script names files by date"
    )


def _names(script: Script) -> Iterator[tuple[Spot, str]]:
    """The words that name files."""
    for command in script.commands:
        for word in (*command.words, *(r.target for r in command.redirects)):
            if "/" in word.value and "date" in word.text and not re.search(r"\s", DATE.sub("", word.text)):
                yield command.spot, word.text
    for assignment in script.assignments:
        if "/" in assignment.value.value:
            yield assignment.spot, assignment.value.text


def snapshots_awaited(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A snapshot of Redis is taken away when it is finished: BGSAVE answers when it has begun."""
    holes, looked = [], []
    for script in scripts.of(files):
        calls = calls_of(script)
        for call in calls:
            if call.program != "redis-cli" or not any(a.upper() == "BGSAVE" for a in call.arguments):
                continue
            looked.append(f"{call.spot}: {call.command.text}")
            later = calls[call.number + 1 :]
            taken = next(
                (c for c in later if c.program in ("cp", "tar", "docker", "scp", "mv", "gzip") or uploads(c)), None
            )
            waits = [c for c in later if re.search(r"lastsave|rdb_bgsave_in_progress", c.command.text, re.IGNORECASE)]
            if taken and not any(c.number < taken.number for c in waits):
                holes.append(
                    Hole(
                        spot=taken.spot,
                        what="takes the snapshot that is being written: BGSAVE returns at once",
                        fix="redis-cli --rdb FILE, or wait until LASTSAVE changes",
                        beside=(call.spot,),
                    )
                )
    return promise.judged(
        holes, looked=looked, expected="whole snapshots", nothing="no script asks Redis for a snapshot"
    )
