"""The census tells what changed, of whatever kind, and that nothing did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plimsoll.drills.stage.seed import seed
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations.drills import Census, differences
from plimsoll.probes.census import census, keys_of, main_table
from plimsoll.probes.database import connected, database_of
from plimsoll.probes.redis import RedisSaid, redis_of
from plimsoll.stacks.processes.stack import ProcessesStack
from tests.drills.stages import deployment_named, running

CHANGES = {
    "table public.trips": "UPDATE trips SET city = 'elsewhere' WHERE id = 7",
    "column public.trips.city": "ALTER TABLE trips ALTER city SET DEFAULT 'nowhere'",
    "sequence ledger.invoice": "ALTER SEQUENCE ledger.invoice INCREMENT 20",
    "sequence value ledger.entries_id_seq": "SELECT nextval('ledger.entries_id_seq')",
    "constraint ledger.entries.entries_amount_check": "ALTER TABLE ledger.entries DROP CONSTRAINT entries_amount_check",
    "index public.trips_owner": "DROP INDEX trips_owner",
    "view ledger.balance": "CREATE OR REPLACE VIEW ledger.balance AS SELECT side, max(amount) AS total"
    " FROM ledger.entries GROUP BY side",
    "function ledger.refuse()": "CREATE OR REPLACE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NEW; END $$",
    "trigger ledger.entries.entries_unchanged": "ALTER TABLE ledger.entries DISABLE TRIGGER entries_unchanged",
    "type ledger.side": "ALTER TYPE ledger.side ADD VALUE 'neither'",
    "policy public.jobs.own": "CREATE POLICY own ON jobs USING (true)",
    "extension pg_trgm": "DROP EXTENSION pg_trgm",
    "owner public.jobs": "ALTER TABLE jobs OWNER TO plimsoll_reader",
    "grant public.trips": "REVOKE SELECT ON trips FROM plimsoll_reader",
    "grant schema ledger": "REVOKE USAGE ON SCHEMA ledger FROM plimsoll_reader",
    "role plimsoll_reader": "ALTER ROLE plimsoll_reader CREATEDB",
    "setting of everybody here": "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 8192',"
    " current_database()); END $$",
    "schema ledger": "ALTER SCHEMA ledger RENAME TO books",
}
"""What is to be told, and the statement that makes it so."""

KEYS = {
    "key seed:text:1": ("SET", "seed:text:1", "other"),
    "key seed:session:1": ("PERSIST", "seed:session:1"),
    "key seed:session:2": ("EXPIRE", "seed:session:2", 77),
    "key seed:profile:1": ("HSET", "seed:profile:1", "visits", 99),
    "key seed:queue": ("RPOPLPUSH", "seed:queue", "seed:queue"),
    "key seed:members": ("SREM", "seed:members", "user 3"),
    "key seed:ranking": ("ZINCRBY", "seed:ranking", 1, "user 3"),
    "key seed:events": ("XADD", "seed:events", "2-1", "kind", "other"),
    "key seed:new": ("SET", "seed:new", "there"),
}


@pytest.fixture(scope="module")
def nestmap() -> Deployment:
    """The reference deployment."""
    return deployment_named("nestmap")


@pytest.fixture(scope="module")
def stack(nestmap: Deployment) -> Iterator[ProcessesStack]:
    """NestMap running, with data of every kind."""
    with running(nestmap) as stack:
        seed(stack, nestmap, scale=0.02, uploads=False)
        yield stack


def of_database(stack: ProcessesStack, deployment: Deployment) -> Census:
    """What the database holds."""
    return census(stack, deployment, redis=False, files=False)


def test_nothing_changed(stack: ProcessesStack, nestmap: Deployment) -> None:
    """Two looks at the same data say the same, to the last kind, and nothing lags."""
    first, second = census(stack, nestmap), census(stack, nestmap)

    assert first.lagging == ()
    assert differences(first, second) == ()
    assert first.amount > 500


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_told(stack: ProcessesStack, nestmap: Deployment, what: str) -> None:
    """A change of whatever kind is told by its name, and is gone with its transaction."""
    before = of_database(stack, nestmap)
    with connected(stack, nestmap) as sql:
        sql.run(CHANGES[what])
    after = of_database(stack, nestmap)

    assert what in [each.what for each in differences(before, after)]


def test_rows_count_in_no_order_and_every_one(stack: ProcessesStack, nestmap: Deployment) -> None:
    """A table that was rewritten is the same table; two rows that swap a value, or a row twice, make another."""
    with connected(stack, nestmap) as sql:
        sql.run("CREATE TABLE pairs AS SELECT i, i % 7 AS j FROM generate_series(1, 100) i")
        first = of_database(stack, nestmap)
        sql.run("CREATE INDEX sorted ON pairs (j)")
        sql.run("CLUSTER pairs USING sorted")
        sql.run("DROP INDEX sorted")
        rewritten = of_database(stack, nestmap)
        sql.run("UPDATE pairs SET j = 3 - j WHERE i IN (1, 2)")
        swapped = of_database(stack, nestmap)
        sql.run("INSERT INTO pairs VALUES (101, 1), (101, 1)")
        twice = of_database(stack, nestmap)
        sql.run("DELETE FROM pairs WHERE i = 101")
        once = of_database(stack, nestmap)

    assert differences(first, rewritten) == ()
    assert [each.what for each in differences(rewritten, swapped)] == ["table public.pairs"]
    assert [each.what for each in differences(swapped, twice)] == ["table public.pairs"]
    assert differences(swapped, once) == ()


def test_a_sequence_behind_its_column_is_told(stack: ProcessesStack, nestmap: Deployment) -> None:
    """After a restore of data alone the next row would collide."""
    with connected(stack, nestmap) as sql:
        ((sequence,),) = sql.run("SELECT pg_get_serial_sequence('users', 'id')")
        sql.run("SELECT setval(:sequence, 5)", sequence=sequence)

    assert of_database(stack, nestmap).lagging == ("public.users_id_seq is at 5, public.users.id at 201",)


@pytest.mark.parametrize("what", KEYS)
def test_every_key_counts(stack: ProcessesStack, what: str) -> None:
    """Another content, another type, another end: each is told."""
    before = Census(keys=keys_of(stack))
    with redis_of(stack) as redis:
        redis.ask(*KEYS[what])

    assert [each.what for each in differences(before, Census(keys=keys_of(stack)))] == [what]


def test_keys_that_restart_are_the_same(stack: ProcessesStack) -> None:
    """A server that writes its keys down and reads them again holds hashes in another order: the same census."""
    before = keys_of(stack)
    with redis_of(stack) as redis:
        redis.ask("SAVE")
    stack.kill("redis")
    stack.resume("redis")

    assert keys_of(stack) == before


def test_who_is_not_let_in_is_told(stack: ProcessesStack, nestmap: Deployment) -> None:
    """A database that is not there, a statement that is none, a service of another kind: said in a line."""
    with (
        pytest.raises(CouldNotLook, match="postgres lets nobody into nowhere"),
        connected(stack, nestmap, database="nowhere"),
    ):
        pass
    with pytest.raises(CouldNotLook, match="syntax error"), connected(stack, nestmap) as sql:
        sql.run("SELEKT 1")
    with pytest.raises(OutOfReach, match="no database redis"):
        database_of(nestmap, "redis")
    with pytest.raises(RedisSaid, match="unknown command"), redis_of(stack) as redis:
        redis.ask("SELEKT")


def test_the_main_table_is_said_by_the_environment() -> None:
    """Each application names its own."""
    names = {name: main_table(deployment_named(name)) for name in ("nestmap", "nimbus", "mustache", "fixrx")}

    assert names == {"nestmap": "trips", "nimbus": "tasks", "mustache": "dashboards", "fixrx": "vendors"}
