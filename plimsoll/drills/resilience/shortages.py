"""What runs out: connections to the database, and memory of Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from plimsoll.drills.clients.visitor import JSON, Visitor, object_of
from plimsoll.drills.resilience.ward import Ward
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.errors import CouldNotLook
from plimsoll.probes.census import main_table
from plimsoll.probes.connection import Connection
from plimsoll.probes.database import Sql, connected
from plimsoll.probes.redis import Redis, RedisSaid, facts_of, redis_of
from plimsoll.stacks.environment import read_environment
from plimsoll.stacks.protocol import endpoints_of
from plimsoll.wait import NotReady, wait_until

POOL, POOL_SIZE = "DB_POOL_SIZE", 10
"""The variable with how many connections a replica has to its database, and how many that is where nobody says."""

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%{}%'"

ROOM = 4 * 1024 * 1024
"""Bytes that Redis has left when its memory is bounded: what clients do in some seconds needs far less."""

VALUE = b"x" * 100_000
MOST_VALUES = 400
"""Values of 100 kB that are put there: ten times the room."""

FILLER = "plimsoll:full:{}"
JOBS = 3
ACCEPTED = 202
DONE = "done"
DONE_SECONDS = 6.0
"""Within which a worker that is back has done a few jobs, each of which takes a fraction of a second."""


@contextmanager
def pool_exhausted(ward: Ward) -> Iterator[str]:
    """Every connection that the application may have waits for a lock; afterwards it is released."""
    service = ward.deployment.services[ward.application]
    said = read_environment(ward.stack.artefacts / service.environment) if service.environment else {}
    size = int(said.get(POOL) or POOL_SIZE) * ward.replicas
    table = main_table(ward.deployment)
    with ExitStack() as closing_all:
        holder = closing_all.enter_context(connected(ward.stack, ward.deployment, role=ward.database))
        watcher = closing_all.enter_context(connected(ward.stack, ward.deployment, role=ward.database))
        ward.recorder.act(f"somebody locks {table}, and every connection of the application waits for it")
        holder.run("BEGIN")
        holder.run(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        try:
            _ask_everywhere(ward, size, closing_all)
            ward.await_landing(lambda: _waiting(watcher, table) >= size, f"{size} connections that wait")
            yield f"{size} of {size} connections of the application wait for a lock"
        finally:
            holder.run("ROLLBACK")


def _ask_everywhere(ward: Ward, size: int, closing_all: ExitStack) -> None:
    """Every replica is asked for rows as often as it has connections, and nobody waits for the answers."""
    token, trouble = ward.witness.caller.token(Visitor(ward.witness.caller))
    if trouble:
        raise NotLanded(trouble)
    path = f"{ward.witness.caller.records}?limit=1"
    places = endpoints_of(ward.stack, ward.application)
    for number in range(size + len(places)):
        place = places[number % len(places)]
        connection = closing_all.enter_context(closing(Connection(place, seconds=ward.patience)))
        head = f"GET {path} HTTP/1.1\r\nHost: {place.host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection.send(head.encode())


def _waiting(sql: Sql, table: str) -> int:
    ((count,),) = sql.run(WAITING.format(table))
    return int(str(count))


@contextmanager
def full_cache(ward: Ward) -> Iterator[str]:
    """Redis has no memory left, by its own policy; afterwards it has again. What it knew otherwise is its own."""
    with redis_of(ward.stack, ward.cache) as redis:
        before = redis.ask("CONFIG", "GET", "maxmemory")
        most = before[1] if isinstance(before, list) and isinstance(before[1], bytes) else b"0"
        used = int(facts_of(redis, "memory")["used_memory"])
        ward.recorder.act(f"{ward.cache} is filled until it has no memory left")
        try:
            redis.ask("CONFIG", "SET", "maxmemory", used + ROOM)
            yield _filled(redis)
        finally:
            redis.ask("CONFIG", "SET", "maxmemory", most)
            redis.all([("UNLINK", FILLER.format(number)) for number in range(MOST_VALUES)])


def _filled(redis: Redis) -> str:
    """By what it is known that no memory is left: writes are refused, or something had to go."""
    for number in range(MOST_VALUES):
        try:
            redis.ask("SET", FILLER.format(number), VALUE)
        except RedisSaid as error:
            return error.fact
    gone = int(facts_of(redis, "stats").get("evicted_keys", "0"))
    if not gone:
        raise NotLanded(f"Redis took {MOST_VALUES} values of {len(VALUE)} bytes, and is not full")
    return f"Redis has forgotten {gone} keys to make room"


@contextmanager
def with_jobs(ward: Ward) -> Iterator[tuple[str, ...]]:
    """Jobs wait in the queue while inside, as their workers stand still; none where nobody does any."""
    for role in ward.workers:
        ward.stack.freeze(role)
    try:
        yield queued(ward) if ward.workers else ()
    finally:
        for role in ward.workers:
            ward.stack.thaw(role)


def queued(ward: Ward) -> tuple[str, ...]:
    """The ids of jobs that the application has taken on just now. Raises CouldNotLook."""
    visitor = Visitor(ward.witness.caller)
    found = []
    for _ in range(JOBS):
        told = visitor.ask("POST", ward.witness.caller.jobs, headers=JSON, body=b'{"kind": "report"}')
        if told.status != ACCEPTED:
            raise CouldNotLook(f"the application takes no job: {told.where}")
        found.append(str(object_of(told).get("id", "")))
    visitor.close()
    return tuple(found)


def undone(ward: Ward, jobs: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these jobs that nobody does."""
    visitor = Visitor(ward.witness.caller)

    def left() -> tuple[str, ...]:
        paths = {job: f"{ward.witness.caller.jobs}/{job}" for job in jobs}
        return tuple(job for job, path in paths.items() if object_of(visitor.ask("GET", path)).get("state") != DONE)

    try:
        wait_until(lambda: not left(), timeout=DONE_SECONDS, what="the end of every job")
    except NotReady:
        ward.recorder.note(f"{len(left())} of {len(jobs)} jobs are never done")
    finally:
        missing = left()
        visitor.close()
    return missing
