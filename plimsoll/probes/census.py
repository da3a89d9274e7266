"""The census of a deployment's data: what its database, its Redis and its uploads hold at one moment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations.drills.census import Census, Table
from plimsoll.probes.catalogue import FED, TABLES, asked, things
from plimsoll.probes.database import Sql, connected
from plimsoll.probes.redis import Redis, Reply, Word, redis_of, text_of, words_of
from plimsoll.stacks.environment import stated_environment
from plimsoll.stacks.materials import main_cache
from plimsoll.stacks.protocol import Hosting, Stack

TITLE = "witness {:06}"
"""How a witness names the rows that it writes."""

OF_WITNESS = re.compile(r"witness (\d+)")

VOLATILE = ("rate:", "health:")
"""Beginnings of Redis keys that count requests or last for seconds: they change while nobody writes."""

# Texts of rows must not depend on who reads them.
_SESSION = """
    SET TimeZone = 'GMT'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
    SET bytea_output = 'hex'; SET search_path = pg_catalog; SET default_transaction_read_only = on"""

# A sum does not depend on the order of rows, and tells one row from the same row twice, as an exclusive-or does not.
_CHECKSUM = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM ONLY {} AS t"

_KEYS_AT_ONCE = 500
_SAFE_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def census(
    stack: Stack,
    deployment: Deployment,
    *,
    role: str = "postgres",
    database: str = "",
    redis: bool = True,
    files: bool = True,
) -> Census:
    """What there is now: of that database (the applications' own), of Redis and of uploads, unless left out.

    Raises CouldNotLook. Nobody should be writing meanwhile: tables are read one after the other in one snapshot, but
    Redis and files are not part of it.
    """
    cache = main_cache(deployment) if redis else None
    with connected(stack, deployment, role=role, database=database) as sql:
        tables, said, lagging = _of_database(sql)
    return Census(
        tables=tables,
        things=said,
        lagging=lagging,
        keys=keys_of(stack, cache.role) if cache else {},
        files=files_of(stack.uploads) if files and isinstance(stack, Hosting) else {},
    )


def witnessed(stack: Stack, deployment: Deployment, *, role: str = "postgres", database: str = "") -> set[int]:
    """The numbers of the rows in the main table that a witness wrote. Raises CouldNotLook."""
    table = main_table(deployment)
    with connected(stack, deployment, role=role, database=database) as sql:
        titles = sql.run(f"SELECT title FROM {table} WHERE title LIKE 'witness %'")  # noqa: S608 - a plain name, see main_table
    return {int(found[1]) for (title,) in titles if (found := OF_WITNESS.fullmatch(str(title)))}


def doubled(stack: Stack, deployment: Deployment) -> tuple[int, ...]:
    """The numbers of a witness's rows that are there more than once. Raises CouldNotLook."""
    table = main_table(deployment)
    with connected(stack, deployment) as sql:
        titles = sql.run(f"SELECT title FROM {table} WHERE title LIKE 'witness %' GROUP BY title HAVING count(*) > 1")  # noqa: S608 - likewise
    return tuple(sorted(int(found[1]) for (title,) in titles if (found := OF_WITNESS.fullmatch(str(title)))))


def main_table(deployment: Deployment) -> str:
    """The table behind the application's records, as its environment file says. Raises OutOfReach."""
    table = stated_environment(deployment).get("MAIN_TABLE", "")
    if not _SAFE_NAME.fullmatch(table):
        raise OutOfReach("no environment file of this deployment says MAIN_TABLE", hint="the application's own file")
    return table


def keys_of(stack: Stack, role: str = "redis") -> dict[str, str]:
    """Every lasting key of a Redis: its type, when it ends, and a checksum of its content that no order changes."""
    found: dict[str, str] = {}
    with redis_of(stack, role) as redis:
        names = _keys(redis)
        for page in (names[at : at + _KEYS_AT_ONCE] for at in range(0, len(names), _KEYS_AT_ONCE)):
            facts = redis.all(words for name in page for words in (("TYPE", name), ("PEXPIRETIME", name)))
            kinds, ends = [text_of(kind) for kind in facts[::2]], facts[1::2]
            contents = redis.all(map(_reading, kinds, page))
            for name, kind, end, content in zip(page, kinds, ends, contents, strict=True):
                found[name.decode(errors="backslashreplace")] = f"{kind}, {_end(end)}, {_digest(kind, content)}"
    return found


def files_of(folder: Path) -> dict[str, str]:
    """Every file in a folder by its checksum; those that are still being written are left out."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".part"
    }


def _of_database(sql: Sql) -> tuple[tuple[Table, ...], dict[str, dict[str, str]], tuple[str, ...]]:
    for statement in _SESSION.split(";"):
        sql.run(statement)
    sql.run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    tables = []
    for (name,) in sql.run(asked(TABLES)):
        rows, total = sql.run(_CHECKSUM.format(name))[0]
        digest = hashlib.sha256(str(total).encode()).hexdigest()
        tables.append(Table(name=str(name), rows=int(str(rows)), checksum=digest))
    said = {
        kind: {str(name): str(words) for name, words in sorted(sql.run(statement), key=str)}
        for kind, statement in things().items()
    }
    lagging = tuple(_lagging(sql))
    sql.run("COMMIT")
    return tuple(tables), said, lagging


def _lagging(sql: Sql) -> Iterator[str]:
    """Sequences whose next value is in their column already: the next row would be refused."""
    for sequence, table, column, last, step in sql.run(asked(FED)):
        ahead = int(str(step)) > 0
        ((farthest,),) = sql.run(f"SELECT {'max' if ahead else 'min'}({column}) FROM {table}")  # noqa: S608 - both quoted by PostgreSQL
        if farthest is None:
            continue
        behind = last is None or (int(str(farthest)) - int(str(last))) * (1 if ahead else -1) > 0
        if behind:
            yield f"{sequence} is at {'its start' if last is None else last}, {table}.{column} at {farthest}"


def _keys(redis: Redis) -> list[bytes]:
    """The names of all lasting keys."""
    names, cursor = set[bytes](), "0"
    while True:
        reply = redis.ask("SCAN", cursor, "COUNT", _KEYS_AT_ONCE)
        after, page = reply if isinstance(reply, list) else (b"0", [])
        names.update(words_of(page))
        cursor = text_of(after)
        if cursor == "0":
            return sorted(name for name in names if not name.startswith(tuple(map(str.encode, VOLATILE))))


def _reading(kind: str, name: bytes) -> tuple[Word, ...]:
    """The command that reads a whole key. DUMP would not do: it holds hashes and sets in an order that changes."""
    return {
        "string": ("GET", name),
        "list": ("LRANGE", name, 0, -1),
        "set": ("SMEMBERS", name),
        "zset": ("ZRANGE", name, 0, -1, "WITHSCORES"),
        "hash": ("HGETALL", name),
        "stream": ("XRANGE", name, "-", "+"),
    }.get(kind, ("DUMP", name))


def _digest(kind: str, content: Reply) -> str:
    if isinstance(content, list) and kind == "set":
        content = sorted(content, key=repr)
    if isinstance(content, list) and kind == "hash":
        content = [list(pair) for pair in sorted(zip(content[::2], content[1::2], strict=True), key=repr)]
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


def _end(moment: Reply) -> str:
    """When a key ends: a moment, which a restore keeps, where what is left of it would shrink meanwhile."""
    if not isinstance(moment, int) or moment < 0:
        return "stays"
    return f"ends {datetime.fromtimestamp(moment // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def database_bytes(stack: Stack, deployment: Deployment, *, role: str = "postgres") -> int:
    """How large the application's database is on the server's disk. Raises CouldNotLook."""
    with connected(stack, deployment, role=role) as sql:
        ((size,),) = sql.run("SELECT pg_database_size(current_database())")
    return int(str(size))
