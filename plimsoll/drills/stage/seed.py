"""The data of a deployment before a drill: enough of it, of every kind that a backup may forget."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from plimsoll.drills.clients.visitor import Caller, Visitor
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.probes.census import main_table
from plimsoll.probes.database import Sql, connected
from plimsoll.probes.redis import Word, redis_of
from plimsoll.stacks.protocol import Stack

ROWS = 20_000
"""Rows of the main table at scale 1: about 15 MB, as each brings over half a kilobyte that does not compress well."""

USERS, JOBS, ENTRIES = 200, 500, 1_000
OBJECT_BYTES = 256 * 1024
UPLOADS, UPLOAD_BYTES = 4, 512 * 1024
KEYS = 200
DAY = 24 * 60 * 60
READER = "plimsoll_reader"
"""A role that may read the main table, and nothing else: dumps of one database leave it out."""

EXTENSION = "pg_trgm"
"""Of PostgreSQL's own contributed modules, one that any owner of a database may create."""

CREATED = 201
MOST_SECONDS = 600.0

# SHA-512 of the row's number and a word: different everywhere, the same in every run, and no work to compress.
_NOISE = " || ".join(f"encode(sha512(convert_to(i || '{word}', 'UTF8')), 'base64')" for word in "abcdef")


def seed(stack: Stack, deployment: Deployment, *, scale: float = 1.0, roles: bool = True, uploads: bool = True) -> None:
    """The deployment's database, Redis and uploads are filled; once per stack. Raises CouldNotLook."""
    with connected(stack, deployment, seconds=MOST_SECONDS) as sql:
        for statement, parameters in _statements(main_table(deployment), scale):
            sql.run(statement, **parameters)
        _large_object(sql)
        if roles:
            _reader(sql, main_table(deployment))
        if sql.run("SELECT 1 FROM pg_available_extensions WHERE name = :name", name=EXTENSION):
            sql.run(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
    seed_keys(stack, deployment, scale=scale)
    if uploads:
        _uploads(stack, deployment, scale)


def seed_keys(stack: Stack, deployment: Deployment, *, scale: float = 1.0) -> None:
    """The deployment's Redis is filled. Raises CouldNotLook."""
    for service in deployment.services.values():
        if service.recipe == "redis" and not service.settings.get("follows"):
            with redis_of(stack, service.role) as redis:
                redis.all(keys(max(int(KEYS * scale), KEYS)))


def _statements(table: str, scale: float) -> Iterator[tuple[str, dict[str, object]]]:
    """What fills tables; each commits by itself."""
    users = """
        INSERT INTO users (email, password_hash)
        SELECT format('seed-%s@plimsoll.test', i), md5(i::text) FROM generate_series(1, :users) i"""
    rows = f"""
        INSERT INTO {table} (organization_id, owner_id, title, city, budget, published)
        SELECT 1, (SELECT min(id) FROM users), format('seed %s', i), {_NOISE}, i % 1000, i % 10 = 0
        FROM generate_series(1, :rows) i"""  # noqa: S608 - a plain name, see main_table
    jobs = """
        INSERT INTO jobs (id, owner_id, kind, state, worker, finished_at)
        SELECT gen_random_uuid(), (SELECT min(id) FROM users), 'seed', 'done', 'seed', now()
        FROM generate_series(1, :jobs) i"""
    yield users, {"users": USERS}
    yield rows, {"rows": max(int(ROWS * scale), 1)}
    yield jobs, {"jobs": JOBS}
    for statement in LEDGER:
        yield statement, {}


LEDGER: Sequence[str] = (
    "CREATE SCHEMA ledger",
    "CREATE TYPE ledger.side AS ENUM ('debit', 'credit')",
    "CREATE SEQUENCE ledger.invoice INCREMENT 10 START 1000",
    """CREATE TABLE ledger.entries (
        id bigserial PRIMARY KEY, invoice bigint NOT NULL DEFAULT nextval('ledger.invoice'), side ledger.side NOT NULL,
        amount numeric(12, 2) NOT NULL CHECK (amount > 0), corrects bigint REFERENCES ledger.entries,
        entered timestamptz NOT NULL DEFAULT now())""",
    "CREATE UNIQUE INDEX entries_invoice ON ledger.entries (invoice)",
    """CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'entries are corrected, never changed'; END $$""",
    """CREATE TRIGGER entries_unchanged BEFORE UPDATE ON ledger.entries
        FOR EACH ROW EXECUTE FUNCTION ledger.refuse()""",
    "CREATE VIEW ledger.balance AS SELECT side, sum(amount) AS total FROM ledger.entries GROUP BY side",
    f"""INSERT INTO ledger.entries (side, amount) SELECT (ARRAY['debit', 'credit'])[1 + i % 2]::ledger.side, i
        FROM generate_series(1, {ENTRIES}) i""",  # noqa: S608 - a figure
)
"""A schema of its own with what a backup has to bring back beside tables; nothing of the application depends on it."""


def _large_object(sql: Sql) -> None:
    content = random.Random(ROWS).randbytes(OBJECT_BYTES)  # noqa: S311 - content, no secret
    sql.run("SELECT lo_from_bytea(0, :content)", content=content)


def _reader(sql: Sql, table: str) -> None:
    if not sql.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=READER):
        sql.run(f"CREATE ROLE {READER} NOLOGIN")
    sql.run(f"GRANT SELECT ON {table} TO {READER}")
    sql.run(f"GRANT USAGE ON SCHEMA ledger TO {READER}")
    sql.run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA ledger GRANT SELECT ON TABLES TO {READER}")


def keys(count: int) -> Iterator[tuple[Word, ...]]:
    """The commands that fill Redis: every type, some that end and some that stay."""
    noise = random.Random(count)  # noqa: S311 - content, no secret
    for number in range(count):
        yield "SET", f"seed:text:{number}", noise.randbytes(200).hex()
        yield "SET", f"seed:session:{number}", noise.randbytes(50).hex(), "EX", DAY + number
        yield "HSET", f"seed:profile:{number}", "name", f"user {number}", "visits", number, "note", noise.randbytes(40)
    yield ("RPUSH", "seed:queue", *(f"job {number}" for number in range(count)))
    yield ("SADD", "seed:members", *(f"user {number}" for number in range(count)))
    yield ("ZADD", "seed:ranking", *(word for number in range(count) for word in (number, f"user {number}")))
    yield ("HSET", "seed:large", *(word for number in range(count) for word in (f"field {number}", number)))
    yield "XADD", "seed:events", "1-1", "kind", "seed"
    yield "SET", "seed:count", count


def _uploads(stack: Stack, deployment: Deployment, scale: float) -> None:
    """Files given to the application, as its users do it."""
    visitor = Visitor(caller := Caller(stack, deployment))
    try:
        for number in range(max(int(UPLOADS * scale), UPLOADS)):
            content = random.Random(number).randbytes(UPLOAD_BYTES)  # noqa: S311 - content, no secret
            told = visitor.ask("POST", caller.uploads, headers=(("Content-Type", "image/png"),), body=content)
            if told.status != CREATED:
                raise CouldNotLook(f"the application takes no upload: {told.where}")
    finally:
        visitor.close()
