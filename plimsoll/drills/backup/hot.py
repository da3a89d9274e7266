"""The drill of the hot backup: a dump taken while clients write as hard as they can."""

from __future__ import annotations

from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import DATABASE, rehearsed, serves_again, size_of
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import RESTORE, VERIFY, HotBackup, differences

SAYS = "a dump made while clients write hard is of one moment, and restores"
HARD = 400.0
"""Rows a second: more than one application answers on two cores, so that it is always writing."""

ROWS = 100


def hot_backup(theatre: Theatre) -> HotBackup:
    """Hard writes, a dump in the midst of them, the server lost, a restore: all that was due, and rows without a gap.

    What clients wrote to is judged by their rows, all else by its census.
    """
    recorder = theatre.recorder("hot backup", SAYS)
    story = Story(recorder)
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs("backup-database", "restore-database")
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        story.before = rehearsal.counted()
        recorder.data_bytes = size_of(rehearsal)
        with rehearsal.witness(rate=HARD) as witness:
            witness.rows(ROWS)
            with recorder.phase("backup"):
                story.backup_at = recorder.now
                operator.does("backup-database")
                story.backed_up_at = recorder.now
            witness.settle()
            written = {each.what for each in differences(story.before, rehearsal.counted())}
            story.disaster = rehearsal.lose(DATABASE)
            try:
                backup = story.took(operator.newest("backup-database"))
                rehearsal.stack.resume(DATABASE)
                with recorder.phase(RESTORE):
                    operator.does("restore-database", backup=backup)
                with recorder.phase(VERIFY):
                    story.healthy = serves_again(rehearsal, witness)
                story.compared(rehearsal, witness, but=written)
            except CouldNotLook as error:
                story.failed(error.fact)
    return story.told(HotBackup, witness.testimony)
