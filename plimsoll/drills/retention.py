"""The retention of each backup, run for real among backups of made-up ages: where it works, and where it fails."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.acts import backup_acts, new_of
from plimsoll.drills.ages import LONG_AGO, boundaries, planted
from plimsoll.drills.made import objects
from plimsoll.drills.rehearsal import Rehearsal, rehearsed
from plimsoll.drills.stage import Theatre
from plimsoll.drills.traces import home_of, traced
from plimsoll.observations.drills import RetentionRuns
from plimsoll.observations.drills.kept import FAILS, WORKS, RetentionRun
from plimsoll.observations.drills.made import Sent

TOOLS = ("docker", "tar", "pg_dump", "pg_basebackup", "redis-cli")
"""What backups are made with; in the failing case each of them ends with an error."""

BROKEN = """#!/bin/sh
echo "${0##*/}: no space left on device" >&2
exit 1
"""
EXECUTABLE = 0o755


def run_retention(theatre: Theatre) -> RetentionRuns:
    """Every backup is run among old ones and strangers, once as it should be and once with tools that fail."""
    acts = backup_acts(theatre.deployment)
    recorder = theatre.recorder("retention", "retention runs among backups of made-up ages")
    runs = list[RetentionRun]()
    with rehearsed(theatre, recorder) as rehearsal:
        ages = boundaries(theatre.deployment, rehearsal)
        for act in acts:
            known = set(objects(rehearsal))
            first = traced(rehearsal.operator, rehearsal.operator.command(act))
            made = new_of(rehearsal.operator, act, first)
            sent = [each for each in objects(rehearsal) if each not in known]
            if first.done.code or not made:
                recorder.note(f"{act} leaves nothing to try a retention on")
                continue
            with recorder.phase(act):
                runs.append(_works(rehearsal, act, made, sent, ages))
                runs.append(_fails(rehearsal, act, made, ages))
    return RetentionRuns(journal=recorder.journal(), seen_at=datetime.now(UTC), runs=tuple(runs))


def _works(
    rehearsal: Rehearsal, act: str, made: tuple[Path, ...], sent: list[Sent], ages: tuple[float, ...]
) -> RetentionRun:
    """The act run among backups of all ages."""
    rehearsal.recorder.act(f"backups of {len(ages)} ages are put beside those of {act}")
    among = planted(rehearsal, made, sent, ages)
    trace = traced(rehearsal.operator, rehearsal.operator.command(act))
    aged = among.found(rehearsal, objects(rehearsal))
    among.swept(rehearsal)
    return RetentionRun(
        act=act,
        case=WORKS,
        command=trace.done.command,
        code=trace.done.code,
        made=bool(new_of(rehearsal.operator, act, trace)),
        output=trace.done.output,
        aged=aged,
    )


def _fails(rehearsal: Rehearsal, act: str, made: tuple[Path, ...], ages: tuple[float, ...]) -> RetentionRun:
    """The act run with tools that fail, where nothing but old backups is left."""
    oldest = tuple(age for age in ages if age > max(ages) / 2)
    rehearsal.recorder.act(f"only old backups of {act} are left, and its tools fail", destructive=True)
    among = planted(rehearsal, made, (), oldest or (LONG_AGO,))
    for path in rehearsal.operator.made(act):
        if path not in among.here:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    first = f"{_broken_tools(rehearsal)}:{rehearsal.operator.environment['PATH']}"
    trace = traced(rehearsal.operator, rehearsal.operator.command(act), more={"PATH": first})
    aged = among.found(rehearsal, ())
    among.swept(rehearsal)
    return RetentionRun(
        act=act,
        case=FAILS,
        command=trace.done.command,
        code=trace.done.code,
        made=bool(new_of(rehearsal.operator, act, trace)),
        output=trace.done.output,
        aged=aged,
    )


def _broken_tools(rehearsal: Rehearsal) -> Path:
    folder = home_of(rehearsal.operator) / "broken"
    folder.mkdir(exist_ok=True)
    for name in TOOLS:
        (folder / name).write_text(BROKEN, encoding="utf-8")
        (folder / name).chmod(EXECUTABLE)
    return folder
