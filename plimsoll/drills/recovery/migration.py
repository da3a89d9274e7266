"""The drill of the migration that went wrong: the live database put back by the dump that was taken before it."""

from __future__ import annotations

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import BACK_SECONDS, Rehearsal, rehearsed, size_of
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import RESTORE, VERIFY, Difference, MigrationRecovery, differences
from plimsoll.probes.census import main_table
from plimsoll.probes.database import connected

SAYS = "a migration goes wrong, and the dump that was taken before it is restored over the live database"
ROWS = 30
BACKUP, BACK = "backup-before-migration", "restore-database"
SECONDS = 120.0
PLAIN = b"-- PostgreSQL database dump"
"""A comment that every SQL dump has, and no packed one."""

HEADER_BYTES = 256 * 1024


def migration_recovery(theatre: Theatre) -> MigrationRecovery:
    """Rows, the dump, a migration that loses some of them, the runbook's restore over it, all of it compared."""
    recorder = theatre.recorder("migration", SAYS)
    story = Story(recorder)
    migrated: tuple[Difference, ...] = ()
    aside: tuple[str, ...] = ()
    plain = False
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs(BACKUP, BACK)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale, uploads=False)
        with rehearsal.witness() as witness:
            _steady(rehearsal, witness, story)
            try:
                with recorder.phase("backup"):
                    operator.does(BACKUP, seconds=SECONDS)
                story.backed_up_at = recorder.now
                backup = story.took(operator.newest(BACKUP))
                with backup.open("rb") as file:
                    plain = PLAIN in file.read(HEADER_BYTES)
                story.disaster = _migrate(rehearsal)
                migrated = differences(story.before, rehearsal.counted())
                others = _databases(rehearsal)
                with recorder.phase(RESTORE):
                    operator.does(BACK, seconds=SECONDS, backup=backup)
                aside = tuple(sorted(_databases(rehearsal) - others))
                with recorder.phase(VERIFY):
                    witness.sees_good(after=recorder.now, seconds=BACK_SECONDS)
                    story.healthy = True
                story.compared(rehearsal, witness)
            except CouldNotLook as error:
                story.failed(error.fact)
        return story.told(MigrationRecovery, witness.testimony, migrated=migrated, plain=plain, aside=aside)


def _steady(rehearsal: Rehearsal, witness: Witness, story: Story) -> None:
    with rehearsal.recorder.phase("steady"):
        witness.rows(ROWS)
        story.backup_at = witness.settle()
        story.before = rehearsal.counted()
        rehearsal.recorder.data_bytes = size_of(rehearsal)


def _migrate(rehearsal: Rehearsal) -> float:
    """A migration as they go wrong: a column is gone before its content was moved, a table has another name."""
    table = main_table(rehearsal.deployment)
    with connected(rehearsal.stack, rehearsal.deployment) as sql:
        rehearsal.recorder.act(f"a migration drops {table}.city, and renames jobs", destructive=True)
        moment = rehearsal.recorder.now
        sql.run(f"ALTER TABLE {table} ADD COLUMN address jsonb NOT NULL DEFAULT '{{}}'")
        sql.run(f"ALTER TABLE {table} DROP COLUMN city")
        sql.run("ALTER TABLE jobs RENAME TO tasks")
        sql.run("CREATE TABLE addresses (id bigserial PRIMARY KEY, street text NOT NULL)")
    return moment


def _databases(rehearsal: Rehearsal) -> set[str]:
    with connected(rehearsal.stack, rehearsal.deployment, database="postgres") as sql:
        return {str(name) for (name,) in sql.run("SELECT datname FROM pg_database WHERE NOT datistemplate")}
