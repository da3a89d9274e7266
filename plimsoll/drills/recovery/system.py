"""The drill of the whole system: host, services and data gone, led back on new machines from what is off the host."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.recovery.files import furnish, kept_files
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed, serves_again, size_of
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations.drills import RESTORE, START, VERIFY, SystemRecovery

SAYS = "the whole deployment is led back on machines that held nothing, from what is off its host"
ROWS = 30
BACKUPS = ("backup-all", "backup-database", "backup-redis", "backup-files")
"""What makes backups; where one act makes all of them, it alone is asked for."""

STAMP = re.compile(r"\d{8}_\d{6}")


def system_recovery(theatre: Theatre) -> SystemRecovery:
    """Backups sent away, everything lost, new machines, the runbook's restore of everything, all of it compared."""
    recorder = theatre.recorder("whole system", SAYS)
    story = Story(recorder)
    with ExitStack() as watching, ExitStack() as lost:
        old = lost.enter_context(rehearsed(theatre, recorder))
        acts = _backups(old)
        old.operator.needs("restore-all")
        furnish(old)
        seed(old.stack, theatre.deployment, scale=theatre.scale)
        witness = watching.enter_context(old.witness(uploads=True))
        with recorder.phase("steady"):
            witness.rows(ROWS)
            story.backup_at = witness.settle()
            story.before = replace(old.counted(), files=kept_files(old))
            recorder.data_bytes = size_of(old)
        with recorder.phase("backup"):
            for act in acts:
                old.operator.does(act)
        story.backed_up_at = recorder.now
        stamp = _stamp(old, acts[0])
        with recorder.phase("more writes"):
            witness.go_on()
            witness.rows(ROWS)
        recorder.act("host, services and all data are gone; what is left is in the object store", destructive=True)
        story.disaster = recorder.now
        witness.pause()
        lost.close()
        try:
            _lead_back(theatre, witness, story, stamp)
        except CouldNotLook as error:
            story.failed(error.fact)
    return story.told(SystemRecovery, witness.testimony)


def _lead_back(theatre: Theatre, witness: Witness, story: Story, stamp: str) -> None:
    """New machines, and what the runbook says to do on them. Raises CouldNotLook when nothing comes back."""
    recorder = story.recorder
    with ExitStack() as machines:
        with recorder.phase(START):
            new = machines.enter_context(rehearsed(theatre, recorder))
        witness.caller.follow(new.stack)
        with recorder.phase(RESTORE):
            restored = new.operator.does("restore-all", stamp=stamp, backup=stamp)
        story.points.append((recorder.data_bytes, restored.seconds))
        with recorder.phase(VERIFY):
            story.healthy = serves_again(new, witness)
        story.compared(new, witness, files=kept_files(new))


def _backups(rehearsal: Rehearsal) -> tuple[str, ...]:
    """The acts that make every backup there is. Raises NothingOfTheKind where the runbook has none."""
    known = [act for act in BACKUPS if rehearsal.operator.knows(act)]
    if not known:
        raise NothingOfTheKind("the runbook says how to back up nothing", hint="[recovery.runbook] backup-all = …")
    return tuple(known[:1] if known[0] == "backup-all" else known)


def _stamp(rehearsal: Rehearsal, act: str) -> str:
    """The moment that the newest backup has in its name; nothing where it has none."""
    found = STAMP.findall(rehearsal.operator.newest(act).name)
    return found[-1] if found else ""
