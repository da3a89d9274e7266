"""The drill of restores that must be refused, and of one that is interrupted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from plimsoll.drills.backup.archives import Damage, emptied, encrypted, flipped, from_newer, harmed, truncated
from plimsoll.drills.backup.faults import Faults
from plimsoll.drills.clients.visitor import Caller, Visitor
from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.attempting import Attempting, NotLanded, next_second
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import Census, RestoreRefusals
from plimsoll.observations.drills.troubles import (
    EMPTY,
    ENCRYPTED,
    FLIPPED,
    FOREIGN,
    INTERRUPTED,
    LIVE,
    MISTYPED,
    NEWER,
    NOTHING,
    TRUNCATED,
)
from plimsoll.probes.census import census
from plimsoll.probes.database import connected, database_of
from plimsoll.wait import NotReady, wait_until

SAYS = "restores that cannot succeed, or that nobody agreed to, are refused before anything is touched"
BACKUP, RESTORE, WHOLE = "backup-database", "restore-database", "restore-all"
DATABASE_SETTING = "PGDATABASE"
STRANGER = "plimsoll_stranger"
"""A database of somebody else, on the same server."""

ASIDE = "database"
"""What a restore may leave: the database that was there, under another name."""

SECONDS = 90.0
OK = 200
SERVES = "serves"
SERVES_SECONDS = 20.0
"""Within which a service that is said to run again answers; it takes a fraction of one."""

DAMAGES = {TRUNCATED: truncated, FLIPPED: flipped, EMPTY: emptied, ENCRYPTED: encrypted, NEWER: from_newer}


def restore_refusals(theatre: Theatre) -> RestoreRefusals:
    """A good backup and a good restore first; then one refusal after the other, with a census around each."""
    recorder = theatre.recorder("restore refusals", SAYS)
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs(BACKUP, RESTORE)
        operator.made(BACKUP)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale, uploads=False)
        made = operator.does(BACKUP, seconds=SECONDS)
        caller = Caller(rehearsal.stack, theatre.deployment)
        _application(caller)  # who logs in leaves traces
        attempting = Attempting(rehearsal, lambda: _all_that_is_there(rehearsal, caller))
        drill = _Drill(attempting, operator.newest(BACKUP) if made.well else operator.place("/no-backup"))
        if attempting.works(drill.restores, leaves=ASIDE):
            drill.goes_through_all()
        return attempting.told(RestoreRefusals, backups=drill.names)


def _all_that_is_there(rehearsal: Rehearsal, caller: Caller) -> Census:
    """The database, which other databases there are, and whether the application serves."""
    application = _application(caller)
    try:
        found = census(rehearsal.stack, rehearsal.deployment, redis=False, files=False)
    except CouldNotLook:
        found = Census()  # the database itself is gone
    with connected(rehearsal.stack, rehearsal.deployment, database="postgres") as sql:
        names = sql.run("SELECT datname FROM pg_database WHERE NOT datistemplate")
    things = {"database": {str(name): "there" for (name,) in names}, "application": {"itself": application}}
    return replace(found, things={**found.things, **things})


def _application(caller: Caller) -> str:
    """Whether it serves, once it has had the time to: on a machine under load its first answer is late."""

    def asked() -> str:
        visitor = Visitor(caller)
        try:
            told = visitor.ask("GET", f"{caller.records}?limit=1")
        finally:
            visitor.close()
        return SERVES if told.status == OK else f"does not serve: {told.trouble or told.status}"

    try:
        return wait_until(asked, lambda said: said == SERVES, timeout=SERVES_SECONDS, what="the application")
    except NotReady as error:
        return str(error.last)


class _Drill:
    """The attempts, each a method that says how the command ended and by what its fault is known to have been there."""

    def __init__(self, attempting: Attempting, backup: Path) -> None:
        self._attempting = attempting
        self._rehearsal = attempting.rehearsal
        self._operator = attempting.rehearsal.operator
        self._faults = Faults(attempting.rehearsal)
        self._backup = backup
        self.names: tuple[str, ...] = ()

    def restores(self, backup: Path | None = None) -> Done:
        """The runbook's restore of the good backup, or of another, with the consent that the runbook gives."""
        return self._operator.does(RESTORE, seconds=SECONDS, backup=backup or self._backup)

    def goes_through_all(self) -> None:
        """One after the other; what each needs is made before it is tried."""
        tries, untried = self._attempting.tries, self._attempting.untried
        self._attempting.mend = self.restores
        self._attempting.moved_on()
        for name, damage in DAMAGES.items():
            tries(name, lambda damage=damage: self._harmed(damage))  # type: ignore[misc] # the damage of its own turn
        with self._stranger() as foreign:
            self._attempting.moved_on()
            if foreign is None:
                untried[FOREIGN] = f"the scripts have no setting {DATABASE_SETTING}, so there is one database only"
            else:
                tries(FOREIGN, lambda: (self.restores(foreign), f"{foreign.name} is a dump of {STRANGER}"))
        self._attempting.moved_on()
        tries(MISTYPED, self._mistyped)
        self._nothing()
        tries(LIVE, self._no_consent)
        tries(INTERRUPTED, self._interrupted, leaves=ASIDE)

    def _harmed(self, damage: Damage) -> tuple[Done, str]:
        with harmed(self._backup, damage) as landed:
            return self.restores(), landed

    @contextmanager
    def _stranger(self) -> Iterator[Path | None]:
        """A backup of another database, made by the same script; None where no setting tells which is meant."""
        operator, rehearsal = self._operator, self._rehearsal
        if DATABASE_SETTING not in operator.settings:
            yield None
            return
        with connected(rehearsal.stack, rehearsal.deployment, database="postgres") as sql:
            sql.run(f"CREATE DATABASE {STRANGER}")
        with connected(rehearsal.stack, rehearsal.deployment, database=STRANGER) as sql:
            sql.run("CREATE TABLE strangers AS SELECT i FROM generate_series(1, 100) i")
        before = {*operator.made(BACKUP)}
        next_second()
        operator.does(BACKUP, seconds=SECONDS, more={DATABASE_SETTING: STRANGER})
        new = [path for path in operator.made(BACKUP) if path not in before]
        try:
            yield new[-1] if new else None
        finally:
            for path in new:
                for each in path.parent.glob(f"{path.name}*"):
                    each.unlink()
            with connected(rehearsal.stack, rehearsal.deployment, database="postgres") as sql:
                sql.run(f"DROP DATABASE {STRANGER} WITH (FORCE)")

    def _mistyped(self) -> tuple[Done, str]:
        mistyped = self._backup.with_name(f"{self._backup.name[:-1]}x")
        if mistyped.exists():
            raise NotLanded(f"there is a {mistyped.name}")
        return self.restores(mistyped), f"there is no {mistyped.name}"

    def _nothing(self) -> None:
        """The command without any word after it; where a whole system can be restored by name, that one."""
        act = WHOLE if "{stamp}" in self._rehearsal.recovery.runbook.get(WHOLE, "") else RESTORE
        if act == WHOLE and self._operator.knows("backup-all"):
            self._operator.does("backup-all", seconds=SECONDS)
            stamps = [path.name.split(".")[0].partition("_")[2] for path in self._operator.made("backup-all")]
            self.names = tuple(stamps)
        elif act == RESTORE:
            self.names = (self._backup.name,)
        self._attempting.moved_on()
        program = shlex.split(self._operator.command(act, backup="", stamp=""))[0]
        landed = "no word follows the command"
        self._attempting.tries(NOTHING, lambda: (self._operator.runs(program, seconds=SECONDS), landed))

    def _no_consent(self) -> tuple[Done, str]:
        """Everything that begins with a dash is left out: what is agreed to is said so."""
        command = self._operator.command(RESTORE, backup=self._backup)
        words = [word for word in shlex.split(command) if not word.startswith("-")]
        if shlex.join(words) == command:
            raise NotLanded("the runbook's restore agrees to nothing that could be left out")
        name = database_of(self._rehearsal.deployment, DATABASE)
        return self._operator.runs(shlex.join(words), seconds=SECONDS), f"{name} has tables, and nobody agreed"

    def _interrupted(self) -> tuple[Done, str]:
        """Killed while it copies rows; the second run is what counts."""
        running = self._operator.begins(self._operator.command(RESTORE, backup=self._backup))
        landed = self._faults.while_restoring(running)
        running.end()
        self._operator.finished(running, seconds=SECONDS)
        next_second()
        return self.restores(), f"it was killed while {landed}, and then run again"
