"""What is measured once a recovery is over, so that its time can be compared and extrapolated."""

from __future__ import annotations

from plimsoll.drills.stage.fastest import fastest
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, size_of
from plimsoll.drills.stage.story import Story
from plimsoll.probes.census import main_table
from plimsoll.probes.database import connected

MEASURE = "measure"
"""What the phase is called; it is none of the recovery's."""


def measured(rehearsal: Rehearsal, story: Story) -> None:
    """Other methods on the same data, and the runbook's own with little of it; nothing where nothing came back.

    Raises CouldNotLook where the database does not answer.
    """
    if not story.healthy:
        return
    with rehearsal.recorder.phase(MEASURE):
        story.fastest.update(fastest(rehearsal.stack, DATABASE, rehearsal.recorder))
        _with_little(rehearsal, story)


def _with_little(rehearsal: Rehearsal, story: Story) -> None:
    """How long the same restore takes where there is next to nothing to restore: two sizes make a line."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    recorder.act("nearly all rows are deleted, to see how long the same takes with little", destructive=True)
    with connected(rehearsal.stack, rehearsal.deployment) as sql:
        sql.run(f"TRUNCATE {main_table(rehearsal.deployment)} CASCADE")
    if operator.does("backup-database").well:
        size = size_of(rehearsal)
        done = operator.does("restore-database", backup=operator.newest("backup-database"))
        if done.well:
            story.points.insert(0, (size, done.seconds))
