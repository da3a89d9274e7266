"""The deployment's own check of its backups is shown fresh ones, and then stale ones, empty ones and none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plimsoll.drills.host.acts import backup_acts, needless, new_of
from plimsoll.drills.host.shims import made_here
from plimsoll.drills.host.traces import Trace, home_of, traced
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.observations.drills import Attempt, FreshnessTrials
from plimsoll.observations.drills.kept import Newest

CHECK = "check-backups"
ONCE = "backup-before-migration"
"""Made when somebody migrates: it is not stale when nobody does."""

STALE = timedelta(days=30)
"""Older than what any deployment accepts to lose, also where it backs up every week only."""


def check_freshness(theatre: Theatre) -> FreshnessTrials:
    """Backups are made, and checked; then those of one kind after the other grow old, are emptied, and go missing."""
    acts = tuple(act for act in backup_acts(theatre.deployment) if act != ONCE)
    recorder = theatre.recorder("freshness", "the deployment's own check is shown stale backups")
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs(CHECK)
        with recorder.phase("backups"), rehearsal.witness():
            made = {act: made_here(operator, operator.command(act)) for act in acts if not needless(operator, act)}
        # All that lies under an act's name, as another act may have left some of it.
        left = {act: tuple(operator.made(act)) for act in acts if act not in made or new_of(operator, act, made[act])}
        with recorder.phase("fresh"):
            attempts = [_checked(rehearsal, "fresh backups", "every backup was made just now")]
        newest = tuple(_newest(rehearsal, act, left[act], trace) for act, trace in made.items() if act in left)
        for act, paths in left.items():
            with recorder.phase(f"stale {act}"), recorder.trying():
                attempts += _trials(rehearsal, act, paths)
    hours = rehearsal.operator.settings.get("RPO_HOURS", "")
    return FreshnessTrials(
        attempts=tuple(attempts),
        newest=newest,
        hours=float(hours) if hours.isdecimal() else 0.0,
        journal=recorder.journal(),
        seen_at=datetime.now(UTC),
    )


def _trials(rehearsal: Rehearsal, act: str, paths: tuple[Path, ...]) -> Iterator[Attempt]:
    """The check, while the backups of one act are stale, empty, and not there."""
    kind = act.replace("-", " ", 1).replace("backup ", "backups of ")
    with _aged(rehearsal, paths):
        yield _checked(rehearsal, f"stale {kind}", f"{paths[-1].name} was last changed {STALE.days} days ago")
    with _away(rehearsal, paths):
        for path in paths:
            path.mkdir() if (home_of(rehearsal.operator) / "away" / path.name).is_dir() else path.touch()
        yield _checked(rehearsal, f"empty {kind}", f"{paths[-1].name} is empty")
        for path in paths:
            path.rmdir() if path.is_dir() else path.unlink()
        yield _checked(rehearsal, f"no {kind}", f"{paths[-1].name} is not there")


def _checked(rehearsal: Rehearsal, name: str, landed: str) -> Attempt:
    """What the check says now."""
    operator = rehearsal.operator
    trace = traced(operator, operator.command(CHECK))
    return Attempt(
        name=name,
        command=trace.done.command,
        code=trace.done.code,
        output=trace.done.output,
        landed=landed,
        told=trace.told,
        seconds=trace.done.seconds,
    )


@contextmanager
def _aged(rehearsal: Rehearsal, paths: tuple[Path, ...]) -> Iterator[None]:
    """While inside, they and all in them were changed long ago."""
    then = (datetime.now(UTC) - STALE).timestamp()
    every = [file for path in paths for file in ([*path.rglob("*"), path] if path.is_dir() else [path])]
    before: Mapping[Path, tuple[int, int]] = {p: (p.stat().st_atime_ns, p.stat().st_mtime_ns) for p in every}
    rehearsal.recorder.act(f"{len(paths)} backups are made {STALE.days} days older")
    for path in every:
        os.utime(path, (then, then))
    yield
    for path, times in before.items():
        os.utime(path, ns=times)


@contextmanager
def _away(rehearsal: Rehearsal, paths: tuple[Path, ...]) -> Iterator[None]:
    """While inside, they are not where they were."""
    folder = home_of(rehearsal.operator) / "away"
    folder.mkdir()
    rehearsal.recorder.act(f"{len(paths)} backups are taken away", destructive=True)
    for path in paths:
        shutil.move(path, folder / path.name)
    yield
    for path in paths:
        shutil.move(folder / path.name, path)
    folder.rmdir()


def _newest(rehearsal: Rehearsal, act: str, paths: tuple[Path, ...], trace: Trace) -> Newest:
    """The newest backup of an act, and its age by its own time."""
    path = paths[-1]
    age = datetime.now(UTC).timestamp() - path.stat().st_mtime
    return Newest(
        act=act,
        path=f"/{path.relative_to(rehearsal.operator.place('/'))}",
        age=max(age, 0.0),
        seconds=trace.done.seconds,
        script=trace.done.command.split()[0],
    )
