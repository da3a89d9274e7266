"""The witness knows what was confirmed and what was not, whatever becomes of the application meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.drills.clients.visitor import DEADLINE, LOGIN_SECONDS
from plimsoll.drills.clients.witness import UPLOAD_EVERY, Witness
from plimsoll.drills.stage.seed import UPLOADS, seed
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.probes.census import census, files_of, witnessed
from plimsoll.probes.database import connected
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.wait import SYSTEM_CLOCK, pause
from tests.drills.stages import deployment_named, recorder_in, running
from tests.quiet_stack import QuietStack


@pytest.fixture(scope="module")
def nestmap() -> Deployment:
    """The reference deployment."""
    return deployment_named("nestmap")


@pytest.fixture(scope="module")
def stack(nestmap: Deployment) -> Iterator[ProcessesStack]:
    """NestMap running."""
    with running(nestmap) as stack:
        yield stack


def test_an_outage_is_timed_and_nothing_confirmed_is_missing(
    stack: ProcessesStack, nestmap: Deployment, tmp_path: Path
) -> None:
    """While the database is away rows fail and reads are bad; afterwards every confirmed row is there."""
    recorder = recorder_in(tmp_path)
    with Witness(stack, nestmap, recorder) as witness:
        witness.rows(30)
        away = recorder.now
        with stack.interrupted("postgres"):
            pause(1.0)
        back = recorder.now
        good = witness.sees_good(after=back, seconds=10)
        witness.rows(30)
        settled = witness.settle()
        testimony = witness.testimony
        found = witnessed(stack, nestmap)

    loss = testimony.loss(found, disaster=settled)
    outage = testimony.outage(away)
    assert (loss.missing, loss.strangers) == ((), ())
    assert any(write.acked is None and away < write.sent < back for write in testimony.writes)
    assert outage is not None
    assert away <= outage[0] < outage[1] <= good
    assert outage[1] - outage[0] >= 1.0


def test_rows_that_vanish_are_named(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """What was confirmed and is not there is known by its numbers, and nothing else is."""
    recorder = recorder_in(tmp_path)
    with Witness(stack, nestmap, recorder) as witness:
        witness.rows(20)
        moment = witness.settle()
        numbers = [write.number for write in witness.testimony.acknowledged]
        with connected(stack, nestmap) as sql:
            sql.run("DELETE FROM trips WHERE title = :title", title=f"witness {numbers[-1]:06}")
        loss = witness.testimony.loss(witnessed(stack, nestmap) & set(numbers), disaster=moment)

    assert loss.missing == (numbers[-1],)
    assert loss.newest is not None
    assert loss.newest.number in numbers[:-1]
    assert 0 < loss.seconds < moment


def test_a_settled_witness_writes_nothing(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """Once settled nothing changes until it goes on."""
    with Witness(stack, nestmap, recorder_in(tmp_path), uploads=True) as witness:
        witness.rows(UPLOAD_EVERY + 5)
        settled = witness.settle()
        first, known = census(stack, nestmap), len(witness.testimony.writes)
        pause(0.2)
        second = census(stack, nestmap)
        after = len(witness.testimony.writes)
        witness.go_on()
        witness.rows(3)
        files, kept = dict(witness.files), files_of(stack.uploads)

    assert first == second
    assert known == after
    assert settled > 0
    assert files
    assert files.items() <= kept.items()


def test_whoever_answers_late_holds_nobody_up(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """A database that takes no more rows hangs every write: the witness still ends within its own time."""
    with connected(stack, nestmap) as sql, Witness(stack, nestmap, recorder_in(tmp_path)) as witness:
        witness.rows(10)
        sql.run("BEGIN")
        sql.run("LOCK TABLE trips IN ACCESS EXCLUSIVE MODE")
        pause(0.5)
        started = SYSTEM_CLOCK.monotonic()
        witness.settle()
        took = SYSTEM_CLOCK.monotonic() - started
        hung = [write for write in witness.testimony.writes if write.acked is None]
        sql.run("ROLLBACK")

    assert took < LOGIN_SECONDS + 3 * DEADLINE
    assert hung
    assert all("within" in write.trouble for write in hung)


def test_an_emptied_database_is_no_good_read(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """The application answers 200 on a table that lost its rows: the reader is not taken in, nor by new first rows."""
    with connected(stack, nestmap) as sql, Witness(stack, nestmap, recorder_in(tmp_path)) as witness:
        witness.settle()
        sql.run("UPDATE trips SET created_at = now() WHERE id = 1")
        with pytest.raises(CouldNotLook, match="a good read of the witness was not there"):
            witness.sees_good(after=witness.settle() + 0.1, seconds=0.5)


def test_a_witness_needs_an_account(nestmap: Deployment, tmp_path: Path) -> None:
    """Where nobody can log in, nobody can write."""
    with pytest.raises(OutOfReach, match="nobody has an account"):
        Witness(QuietStack(), nestmap, recorder_in(tmp_path))  # type: ignore[arg-type] # it says as much as a stack


def test_an_application_that_is_away_is_said_to_be(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """A witness that cannot write its first row says so, and why."""
    with (
        stack.interrupted("postgres"),
        pytest.raises(CouldNotLook, match="the application takes no row at /api/trips: nobody can log in"),
        Witness(stack, nestmap, recorder_in(tmp_path), patience=0.5),
    ):
        pass


def test_seeds_are_counted() -> None:
    """What a backup may forget is there after seeding, on TLS too; and files as the application was given them."""
    nimbus = deployment_named("nimbus")
    with running(nimbus) as stack:
        seed(stack, nimbus, scale=0.05)
        found = census(stack, nimbus)
        files = files_of(stack.uploads)

    tables = {table.name: table.rows for table in found.tables}
    assert tables["public.tasks"] > 1000
    assert tables["ledger.entries"] == 1000
    assert found.lagging == ()
    assert {"pg_trgm", "plpgsql"} <= found.things["extension"].keys()
    assert "plimsoll_reader=r" in found.things["grant"]["public.tasks"]
    assert len(found.things["large object"]) == 1
    assert {said.split(",")[0] for said in found.keys.values()} == {"string", "hash", "list", "set", "zset", "stream"}
    assert len(set(files.values())) == UPLOADS
