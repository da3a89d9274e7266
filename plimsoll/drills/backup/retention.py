"""The retention of each backup, run for real among backups of made-up ages: where it works, and where it fails."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.backup.ages import LONG_AGO, belongs, boundaries, named, planted, send, swept
from plimsoll.drills.backup.made import objects
from plimsoll.drills.host.acts import backup_acts, new_of
from plimsoll.drills.host.shims import broken
from plimsoll.drills.host.traces import Trace, traced
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.observations.drills import RetentionRuns
from plimsoll.observations.drills.kept import FAILS, WORKS, Aged, RetentionRun
from plimsoll.observations.drills.made import Sent

Example = tuple[tuple[Path, ...], list[Sent]]
"""What an act has left here, and what it has sent."""


def run_retention(theatre: Theatre) -> RetentionRuns:
    """Every backup is run among old ones and strangers, once as it should be and once with tools that fail."""
    acts = backup_acts(theatre.deployment)
    recorder = theatre.recorder("retention", "retention runs among backups of made-up ages")
    with rehearsed(theatre, recorder) as rehearsal:
        ages = boundaries(theatre.deployment, rehearsal)
        with recorder.phase("first backups"):
            made = _first(rehearsal, acts)
        with recorder.phase("among old ones"):
            runs = _works(rehearsal, _alone(rehearsal, made), ages)
        with recorder.phase("with tools that fail"):
            runs += [_fails(rehearsal, act, paths) for act, (paths, _) in made.items()]
    return RetentionRuns(journal=recorder.journal(), seen_at=datetime.now(UTC), runs=tuple(runs))


def _first(rehearsal: Rehearsal, acts: Sequence[str]) -> Mapping[str, Example]:
    """What each act leaves and sends, so that older ones can be made alike."""
    known, left = set(objects(rehearsal)), dict[str, tuple[Path, ...]]()
    for act in acts:
        trace = traced(rehearsal.operator, rehearsal.operator.command(act))
        left[act] = new_of(rehearsal.operator, act, trace)
        if trace.done.code or not left[act]:
            rehearsal.recorder.note(f"{act} leaves nothing to try a retention on")
    sent = [each for each in objects(rehearsal) if each not in known]
    return {act: (paths, [each for each in sent if _is_of(act, each, left)]) for act, paths in left.items() if paths}


def _is_of(act: str, sent: Sent, left: Mapping[str, Sequence[Path]]) -> bool:
    """Whether the act has sent it. What has a backup's name is of whoever made that one: two may have one moment."""
    makers = [other for other, paths in left.items() if named(sent, paths)]
    return act in makers if makers else belongs(sent, left[act])


def _alone(rehearsal: Rehearsal, made: Mapping[str, Example]) -> Mapping[str, Example]:
    """The acts but those that do nothing but others: what these leave is tried with these."""
    left = {act: set(rehearsal.operator.made(act)) for act in made}
    return {
        act: example
        for act, example in made.items()
        if not any(left[other] < left[act] for other in made if other != act)
    }


def _works(rehearsal: Rehearsal, made: Mapping[str, Example], ages: Sequence[float]) -> list[RetentionRun]:
    """The acts run one after the other, among backups of all ages."""
    rehearsal.recorder.act(f"backups of {len(ages)} ages are put beside those that were made")
    among = {act: planted(paths, sent, ages) for act, (paths, sent) in made.items()}
    send(rehearsal, among.values())
    traces = {act: traced(rehearsal.operator, rehearsal.operator.command(act)) for act in made}
    kept = objects(rehearsal)
    runs = [_told(rehearsal, act, WORKS, trace, among[act].found(rehearsal, kept)) for act, trace in traces.items()]
    swept(rehearsal, among.values())
    return runs


def _fails(rehearsal: Rehearsal, act: str, made: Sequence[Path]) -> RetentionRun:
    """The act run with tools that fail, where nothing but old backups is left."""
    rehearsal.recorder.act(f"only old backups of {act} are left, and its tools fail", destructive=True)
    among = planted(made, (), (LONG_AGO, LONG_AGO + 1))
    for path in rehearsal.operator.made(act):
        if path not in among.here:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with rehearsal.recorder.trying():
        trace = traced(rehearsal.operator, rehearsal.operator.command(act), more=broken(rehearsal.operator))
    run = _told(rehearsal, act, FAILS, trace, among.found(rehearsal, ()))
    swept(rehearsal, [among])
    return run


def _told(rehearsal: Rehearsal, act: str, case: str, trace: Trace, aged: tuple[Aged, ...]) -> RetentionRun:
    return RetentionRun(
        act=act,
        case=case,
        command=trace.done.command,
        code=trace.done.code,
        made=bool(new_of(rehearsal.operator, act, trace)),
        output=trace.done.output,
        aged=aged,
    )
