"""The drill of the promised restore test: the deployment's own, on a good newest backup and on bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from plimsoll.drills.backup.archives import harmed, truncated
from plimsoll.drills.host.acts import backup_acts, needless
from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.attempting import Attempting, NotLanded, next_second
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.observations.drills import Census, ScratchRestore
from plimsoll.observations.drills.scratch import DAMAGED, LEFTOVER, NO_BACKUP, NO_ROWS
from plimsoll.probes.census import census
from plimsoll.probes.database import Sql, connected
from plimsoll.wait import pause

SAYS = "the newest backup is restored into a scratch database and counted; one that is no good is noticed"
BACKUP, VERIFY = "backup-database", "verify-backup"
TABLE = "users"
"""The table that is emptied: without its rows nobody signs in."""

OWN = "database"
"""The kind of things that a test makes, and has to remove."""

LOOK_SECONDS = 0.02
"""Between two looks at which databases there are: a restore of the seed takes at least ten times as long."""

SECONDS = 90.0


def scratch_restore(theatre: Theatre) -> ScratchRestore:
    """A good newest backup is tested; then one that is cut off and one without users, beside an older one, and none."""
    recorder = theatre.recorder("scratch restore", SAYS)
    with rehearsed(theatre, recorder) as rehearsal:
        rehearsal.operator.needs(BACKUP, VERIFY)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale, uploads=False)
        for act in backup_acts(theatre.deployment):
            if not needless(rehearsal.operator, act):
                rehearsal.operator.does(act, seconds=SECONDS)
        drill = _Drill(rehearsal)
        if drill.attempting.works(drill.tests, leaves=OWN):
            drill.goes_through_all()
        return drill.attempting.told(ScratchRestore, scratch=tuple(sorted(drill.scratch)), rows=drill.rows, table=TABLE)


class _Drill:
    """The attempts, and what was seen while the test of the good backup ran."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.scratch = set[str]()
        self.rows = 0
        self.attempting = Attempting(rehearsal, lambda: _all_that_is_there(rehearsal), leaves=OWN)
        self._rehearsal = rehearsal
        self._operator = rehearsal.operator

    def tests(self) -> Done:
        """The deployment's own test, and which databases come and go meanwhile."""
        with self._server() as sql:
            before = _databases(sql)
            running = self._operator.begins(self._operator.command(VERIFY))
            while running.lives:
                self.scratch |= _databases(sql) - before
                pause(LOOK_SECONDS)
        return self._operator.finished(running, seconds=SECONDS)

    def goes_through_all(self) -> None:
        """The test again, after an earlier one was killed; then on backups that it must not take for good."""
        tries, untried = self.attempting.tries, self.attempting.untried
        if self.scratch:
            self._each('CREATE DATABASE "{}"')
            tries(LEFTOVER, lambda: (self.tests(), f"{', '.join(sorted(self.scratch))} is there from an earlier run"))
            self._each('DROP DATABASE IF EXISTS "{}" WITH (FORCE)')
        else:
            untried[LEFTOVER] = "the test makes no scratch database that could be left over"
        with self._newer():
            self.attempting.moved_on()
            tries(DAMAGED, self._damaged)
        with connected(self._rehearsal.stack, self._rehearsal.deployment) as sql:
            self._rehearsal.recorder.act(f"every row of {TABLE} is deleted", destructive=True)
            self.rows = len(sql.run(f"DELETE FROM {TABLE} RETURNING 1"))  # noqa: S608 - a constant
        with self._newer():
            self.attempting.moved_on()
            tries(NO_ROWS, self._no_rows)
        for path in self._operator.made(BACKUP):
            _remove(path)
        tries(NO_BACKUP, lambda: (self.tests(), "there is none"))

    def _damaged(self) -> tuple[Done, str]:
        with harmed(self._operator.newest(BACKUP), truncated) as landed:
            return self.tests(), landed

    def _no_rows(self) -> tuple[Done, str]:
        return self.tests(), f"{self._operator.newest(BACKUP).name} was made when {TABLE} had no rows"

    @contextmanager
    def _newer(self) -> Iterator[None]:
        """While inside, there is a backup that is newer than the good one."""
        before = {*self._operator.made(BACKUP)}
        next_second()
        self._operator.does(BACKUP, seconds=SECONDS)
        new = [path for path in self._operator.made(BACKUP) if path not in before]
        if not new:
            raise NotLanded("no newer backup could be made")
        try:
            yield
        finally:
            for path in new:
                _remove(path)

    def _each(self, statement: str) -> None:
        """The statement is run for every scratch database that was seen."""
        with self._server() as sql:
            for name in sorted(self.scratch):
                sql.run(statement.format(name))

    @contextmanager
    def _server(self) -> Iterator[Sql]:
        with connected(self._rehearsal.stack, self._rehearsal.deployment, database="postgres") as sql:
            yield sql


def _all_that_is_there(rehearsal: Rehearsal) -> Census:
    """The live database, and which others there are."""
    found = census(rehearsal.stack, rehearsal.deployment, redis=False, files=False)
    with connected(rehearsal.stack, rehearsal.deployment, database="postgres") as sql:
        others = dict.fromkeys(_databases(sql), "there")
    return replace(found, things={**found.things, OWN: others})


def _databases(sql: Sql) -> set[str]:
    return {str(name) for (name,) in sql.run("SELECT datname FROM pg_database WHERE NOT datistemplate")}


def _remove(backup: Path) -> None:
    """The backup is gone, and what lies beside it under its name."""
    for path in backup.parent.glob(f"{backup.name}*"):
        path.unlink()
