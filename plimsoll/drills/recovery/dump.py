"""The drill of the plain dump: taken, the server lost, restored by the runbook, compared."""

from __future__ import annotations

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.measures import measured
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, rehearsed, serves_again, size_of, until_missed
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import DETECT, RESTORE, START, VERIFY, DumpRecovery

SAYS = "the database is restored from a dump, after its server was lost with all its data"
ROWS = 30
"""Rows that are confirmed before the backup, and between it and the disaster: over half a second of writing each."""


def dump_recovery(theatre: Theatre) -> DumpRecovery:
    """Steady writes, a dump, more writes, the server lost, the runbook's restore, all of it compared."""
    recorder = theatre.recorder("dump", SAYS)
    story = Story(recorder)
    with rehearsed(theatre, recorder) as rehearsal:
        rehearsal.operator.needs("backup-database", "restore-database")
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with rehearsal.witness() as witness:
            _back_up(rehearsal, witness, story)
            with recorder.phase("more writes"):
                witness.go_on()
                witness.rows(ROWS)
            story.disaster = rehearsal.lose(DATABASE)
            try:
                _restore(rehearsal, witness, story)
            except CouldNotLook as error:
                story.failed(error.fact)
    return story.told(DumpRecovery, witness.testimony)


def _back_up(rehearsal: Rehearsal, witness: Witness, story: Story) -> None:
    """A dump of a moment at which nobody writes, so that it can be told what must be in it."""
    recorder = rehearsal.recorder
    with recorder.phase("steady"):
        witness.rows(ROWS)
        story.backup_at = witness.settle()
        story.before = rehearsal.counted()
        recorder.data_bytes = size_of(rehearsal)
    with recorder.phase("backup"):
        rehearsal.operator.does("backup-database")
    story.backed_up_at = recorder.now
    recorder.mark(f"what was confirmed until {story.backup_at:.2f} s is in the backup")


def _restore(rehearsal: Rehearsal, witness: Witness, story: Story) -> None:
    """The runbook's restore into an empty server. Raises CouldNotLook when nothing comes back."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    recorder.between(DETECT, story.disaster, until_missed(witness, after=story.disaster))
    witness.pause()
    backup = story.took(operator.newest("backup-database"))
    with recorder.phase(START):
        rehearsal.stack.resume(DATABASE)
    with recorder.phase(RESTORE):
        restored = operator.does("restore-database", backup=backup)
    story.points.append((recorder.data_bytes, restored.seconds))
    with recorder.phase(VERIFY):
        story.healthy = serves_again(rehearsal, witness)
    story.compared(rehearsal, witness)
    measured(rehearsal, story)
