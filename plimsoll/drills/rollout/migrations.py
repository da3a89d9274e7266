"""The drill of migrations: the one that the next release brings, and what may befall it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import HostedStack, Theatre
from plimsoll.drills.stage.attempting import Attempting, NotLanded
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, rehearsed
from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.model import Rollout
from plimsoll.observations.drills import MigrationRuns
from plimsoll.observations.drills.troubles import AGAIN, AT_ONCE, DOWN, HALF_WAY, IDLE, STATUS
from plimsoll.probes.census import census, main_table
from plimsoll.probes.database import connected

SAYS = "a migration is run with the database away, fails half-way, is run twice, and twice at once"
MIGRATE, TELL = "migrate", "migration-status"
NEXT, BROKEN, LAZY, LATER = "1.1.0", "1.1.1", "1.1.2", "1.2.0"
"""Releases: one with a migration, one whose fails, one that only says that it has migrated, one with a slow one."""

SECONDS = 60.0
BEGUN = "plimsoll_begun"
"""A sequence: what is counted with it stays counted, also when a transaction comes to nothing."""

SLOW = {
    "up": f"SELECT nextval('{BEGUN}'); SELECT pg_sleep(1); CREATE TABLE plimsoll_once (id bigint PRIMARY KEY);",
    "down": "DROP TABLE plimsoll_once;",
}
FAILS = "\n;\nSELECT 1 / 0;\n"
UP, BACK = ".up.sql", ".down.sql"


def brought(stack: HostedStack, rollout: Rollout) -> dict[str, str]:
    """The files of the migrations that the next release brings, by their names. Raises CouldNotLook."""
    folder = stack.artefacts / rollout.migrations
    found = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))}
    if not rollout.migrations or not any(name.endswith(UP) for name in found):
        raise CouldNotLook("nothing says which migrations the next release brings", hint='[rollout] migrations = "…"')
    return found


def packed(files: Mapping[str, str]) -> str:
    """The files as the stand-in application takes them in BORN_MIGRATIONS."""
    return base64.b64encode(json.dumps(dict(files)).encode()).decode()


def migration_runs(theatre: Theatre) -> MigrationRuns:
    """The database away, a tool that does nothing, a failure half-way, the good one, it again, and two at once."""
    recorder = theatre.recorder("migrations", SAYS)
    with rehearsed(theatre, recorder, acts=(MIGRATE,), slotted=True) as rehearsal:
        drill = _Drill(rehearsal)
        attempting = Attempting(
            rehearsal, lambda: census(rehearsal.stack, rehearsal.deployment, redis=False, files=False)
        )
        attempting.mend = drill.takes_back
        attempting.tries(DOWN, drill.database_away)
        attempting.tries(IDLE, lambda: (drill.migrates(LAZY), "its tool says that all is done, and does nothing"))
        attempting.tries(HALF_WAY, lambda: (drill.migrates(BROKEN), "its last statement divides by zero"))
        attempting.mend = lambda: None
        attempting.works(lambda: drill.migrates(NEXT))
        if rehearsal.operator.knows(TELL):
            attempting.tries(STATUS, lambda: (drill.asks(TELL, NEXT), "all is applied"))
        attempting.tries(AGAIN, lambda: (drill.migrates(NEXT), "all of it was applied before"))
        drill.counts()
        attempting.moved_on()
        attempting.tries(AT_ONCE, drill.at_once)
        return attempting.told(MigrationRuns, begun=drill.begun)


class _Drill:
    """What befalls migrations of one stack."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        rollout, releases = rehearsal.deployment.rollout, rehearsal.operator.releases
        if rollout is None or releases is None:
            raise CouldNotLook("nobody keeps the releases of this stack")
        self.begun = 0
        self._rehearsal = rehearsal
        self._files = files = brought(rehearsal.stack, rollout)
        last = max(name for name in files if name.endswith(UP))
        number = f"{int(last[:3]) + 1:03}"
        slow = {f"{number}_once{UP}": SLOW["up"], f"{number}_once{BACK}": SLOW["down"]}
        releases.publish(NEXT, BORN_MIGRATIONS=packed(files))
        releases.publish(BROKEN, BORN_MIGRATIONS=packed({**files, last: files[last] + FAILS}))
        releases.publish(LAZY, BORN_MIGRATIONS=packed(files), BORN="idle")
        releases.publish(LATER, BORN_MIGRATIONS=packed({**files, **slow}))

    def asks(self, act: str, version: str) -> Done:
        """What the runbook's command for that act said of a release."""
        return self._rehearsal.operator.does(act, seconds=SECONDS, version=version)

    def migrates(self, version: str) -> Done:
        """What the runbook's migration to that release said."""
        return self.asks(MIGRATE, version)

    def database_away(self) -> tuple[Done, str]:
        """The database is stopped while it is to be migrated, and is back afterwards."""
        stack, recorder = self._rehearsal.stack, self._rehearsal.recorder
        recorder.act(f"{DATABASE} is stopped", destructive=True)
        stack.halt(DATABASE)
        try:
            landed = self._away()
            return self.migrates(NEXT), landed
        finally:
            stack.resume(DATABASE)

    def _away(self) -> str:
        try:
            with connected(self._rehearsal.stack, self._rehearsal.deployment):
                pass
        except PlimsollError as error:
            return f"the database does not answer: {error.fact}"
        raise NotLanded("the database answers, although it was stopped")

    def takes_back(self) -> None:
        """What a migration left half-done is not there: its own way back is gone, as far as there is anything."""
        table = main_table(self._rehearsal.deployment)
        with connected(self._rehearsal.stack, self._rehearsal.deployment) as sql:
            for name in sorted((name for name in self._files if name.endswith(BACK)), reverse=True):
                for statement in _statements(self._files[name].replace("${MAIN_TABLE}", table)):
                    try:
                        sql.run(statement)
                    except PlimsollError as error:
                        self._rehearsal.recorder.note(f"{name}: {error.fact}")

    def counts(self) -> None:
        """From now on it is counted how often the slow migration is begun."""
        with connected(self._rehearsal.stack, self._rehearsal.deployment) as sql:
            sql.run(f"CREATE SEQUENCE {BEGUN}")

    def at_once(self) -> tuple[Done, str]:
        """Two begin the same migration; the first to have begun is told of by its code, the other by what it said."""
        operator = self._rehearsal.operator
        command = operator.command(MIGRATE, version=LATER)
        running = [operator.begins(command) for _ in range(2)]
        done = [operator.finished(each, seconds=SECONDS) for each in running]
        with connected(self._rehearsal.stack, self._rehearsal.deployment) as sql:
            ((last, called),) = sql.run(f"SELECT last_value, is_called FROM {BEGUN}")  # noqa: S608 - a name of ours
        self.begun = int(str(last)) if called else 0
        best = min(done, key=lambda each: each.code)
        other = next(each for each in done if each is not best)
        return best, f"both were begun at the same time, and the other ended with {other.code}"


def _statements(text: str) -> list[str]:
    """The statements of a migration without those that begin or end a transaction."""
    bare = "\n".join(line.partition("--")[0] for line in text.splitlines())
    found = (statement.strip() for statement in bare.split(";"))
    return [statement for statement in found if statement and statement.upper() not in ("BEGIN", "COMMIT")]
