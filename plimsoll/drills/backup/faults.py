"""Faults that befall a backup. Each says by what it is known that it was there, or raises NotLanded."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plimsoll.drills.host.commands import Running
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal
from plimsoll.errors import CouldNotLook
from plimsoll.probes.census import main_table
from plimsoll.probes.database import connected
from plimsoll.stacks.protocol import Credentials
from plimsoll.wait import NotReady, wait_until

DUMPER = "plimsoll_dumper"
"""A role that may log in, and read nothing."""

GZIPPED = b"\x1f\x8b"
"""What a gzip file begins with (RFC 1952, 2.3.1)."""

BEHIND = timedelta(days=2)
"""How far a clock has gone back that lost its battery, or was corrected."""

SETTLED_SECONDS = 4.0
"""Until a second backup has been refused, or waits: a refusal takes a fraction of one."""

BLOCK = 1024
"""Bytes of the unit of bash's ulimit -f."""

SMALL_DISK = 'trap "" XFSZ; ulimit -f {}; exec "$@"'

DUMPING = "application_name = 'pg_dump' AND query ILIKE 'COPY %' AND state = 'active'"
RESTORING = "query ILIKE 'COPY % FROM stdin%'"
HELD = "application_name = 'pg_dump' AND wait_event_type = 'Lock'"

# A client's polling is too slow for what is over in a fraction of a second; statistics are a snapshot within a
# transaction, which has to be given up each time.
AWAIT = """
    DO $$ BEGIN
      FOR turn IN 1..{turns} LOOP
        PERFORM pg_stat_clear_snapshot();
        IF EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {what}) THEN {then} RETURN; END IF;
        PERFORM pg_sleep(0.002);
      END LOOP;
      RAISE 'it never came to that';
    END $$"""
TURNS = 5_000
TERMINATE = "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {what};"

CARELESS_GZIP = """#!/bin/sh
# Loses the end of what it compresses, without a word: a disk, or memory, that is failing.
for word; do
  case $word in -[!-]*[dtl]* | --decompress | --uncompress | --test | --list) exec {real} "$@" ;; esac
done
echo "gzip $*" >> {log}
for word; do
  case $word in
    -*) ;;
    *) {real} "$@" && for file; do [ ! -f "$file.gz" ] || truncate --size=-64 "$file.gz"; done; exit ;;
  esac
done
{real} "$@" | head --bytes=-64
"""

STOPPED_DATE = """#!/bin/sh
# A clock that stands still; what is asked of other moments than now is answered as ever.
for word; do
  case $word in -d* | --date* | -r* | --reference* | -f* | --file*) exec {real} "$@" ;; esac
done
echo "date $*" >> {log}
exec {real} --date=@{epoch} "$@"
"""


def small_disk(command: str, size: int) -> str:
    """The command on a disk that takes no file of more than so many bytes: a write beyond fails, as on a full one."""
    return f"{shlex.join(['bash', '-c', SMALL_DISK.format(max(size // BLOCK, 1)), 'small-disk'])} {command}"


class Faults:
    """What may befall backups on one stack."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._operator = rehearsal.operator

    def while_dumping(self, running: Running) -> str:
        """The dump has begun to copy tables, and is not done."""
        self._awaits(DUMPING, running, "")
        return "pg_dump copied a table"

    def while_restoring(self, running: Running) -> str:
        """The restore has begun to copy rows, and is not done."""
        self._awaits(RESTORING, running, "")
        return "it copied rows"

    def ends_the_dump(self, running: Running) -> str:
        """The server has ended the dump's connection while it copied a table."""
        self._awaits(DUMPING, running, TERMINATE.format(what=DUMPING))
        return "the server ended pg_dump's connection while it copied a table"

    def refusal(self, user: str) -> str:
        """The database's own words to somebody of that name. Raises NotLanded when it lets them in."""
        database = self._operator.settings.get("PGDATABASE", "postgres")
        asked = ["docker", "compose", "exec", "-T", DATABASE, "psql", "--no-password", "--username", user]
        done = self._operator.runs(shlex.join([*asked, "--dbname", database, "--command", "SELECT 1"]))
        if done.well:
            raise NotLanded(f"the database lets {user} in")
        return done.output.splitlines()[-1] if done.output else f"psql ended with {done.code}"

    @contextmanager
    def restricted(self) -> Iterator[tuple[str, str]]:
        """A role that may log in and read no table, and how that is known."""
        stack, deployment = self._rehearsal.stack, self._rehearsal.deployment
        assert isinstance(stack, Credentials)  # noqa: S101 - a stack of ours
        password = stack.credentials(DATABASE)[1].replace("'", "''")
        table = main_table(deployment)
        with connected(stack, deployment) as sql:
            sql.run(f"CREATE ROLE {DUMPER} LOGIN PASSWORD '{password}'")
            try:
                ((may,),) = sql.run(f"SELECT has_table_privilege('{DUMPER}', '{table}', 'SELECT')")
                if may:
                    raise NotLanded(f"everybody may read {table}")
                yield DUMPER, f"{DUMPER} may not read {table}"
            finally:
                sql.run(f"DROP ROLE {DUMPER}")

    def folder_setting(self, pattern: str) -> str:
        """The setting that names the folder of what an act leaves."""
        folder = str(self._operator.place(pattern).parent)
        found = next((name for name, value in self._operator.settings.items() if value == folder), "")
        if not found:
            raise NotLanded("no setting names the folder of the backups")
        return found

    def compresses(self, act: str) -> bool:
        """Whether gzip has a part in that act at the host."""
        if not self._operator.knows(act):
            return False
        newest = self._operator.newest(act)
        files = [newest] if newest.is_file() else [file for file in newest.rglob("*") if file.is_file()]
        return any(_begins(file) == GZIPPED for file in files)

    @contextmanager
    def careless_gzip(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """A PATH on which gzip loses the end of what it compresses, and what tells that it was called."""
        with self._instead("gzip", CARELESS_GZIP) as found:
            yield found

    @contextmanager
    def stopped_clock(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """A PATH on which date tells one moment of the day before yesterday, and what tells that it was asked."""
        moment = datetime.now(UTC) - BEHIND
        with self._instead("date", STOPPED_DATE, epoch=str(int(moment.timestamp()))) as found:
            yield found

    @contextmanager
    def held_dump(self) -> Iterator[Callable[[Running], str]]:
        """While inside, no dump gets beyond the main table; called with one, it says when it has come that far."""
        stack, deployment = self._rehearsal.stack, self._rehearsal.deployment
        table = main_table(deployment)

        def held(running: Running) -> str:
            self._awaits(HELD, running, "")
            return f"the first waited for {table} when the second was begun"

        with connected(stack, deployment) as sql:
            sql.run("BEGIN")
            sql.run(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            try:
                yield held
            finally:
                sql.run("ROLLBACK")

    def settled(self, second: Running) -> None:
        """The second backup was refused, or waits as the first does, or for its turn."""
        with suppress(NotReady):
            wait_until(lambda: not second.lives, timeout=SETTLED_SECONDS)

    def _awaits(self, what: str, running: Running, then: str) -> None:
        """It has come to that, as the server tells. Raises NotLanded when it was over before."""
        statement = AWAIT.format(turns=TURNS, what=what, then=then)
        with connected(self._rehearsal.stack, self._rehearsal.deployment, database="postgres") as sql:
            try:
                sql.run(statement)
            except CouldNotLook as error:
                running.end()
                raise NotLanded(f"the backup was over before it could be caught: {error.fact}") from error

    @contextmanager
    def _instead(self, name: str, script: str, **words: str) -> Iterator[tuple[str, Callable[[], str]]]:
        folder = self._operator.place(f"/faults/{name}")
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "called"
        log.unlink(missing_ok=True)
        program = folder / name
        program.write_text(script.format(real=shutil.which(name), log=shlex.quote(str(log)), **words), encoding="utf-8")
        program.chmod(0o755)

        def landed() -> str:
            if not log.exists():
                raise NotLanded(f"nothing at the host called {name}")
            return f"`{log.read_text(encoding='utf-8').splitlines()[0]}` was answered by one that is out of order"

        try:
            yield f"{folder}:{self._operator.environment['PATH']}", landed
        finally:
            program.unlink()


def _begins(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(GZIPPED))
