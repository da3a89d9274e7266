"""The drill of Redis: a crash that its append-only file outlives, and a loss that takes a snapshot of it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.drills.clients.keys import KeyWriter
from plimsoll.drills.clients.visitor import JSON, Caller, Visitor
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import BACK_SECONDS, Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed_keys
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills import (
    DETECT,
    RESTORE,
    START,
    VERIFY,
    CacheRecovery,
    Census,
    Difference,
    Testimony,
    differences,
)
from plimsoll.probes.census import keys_of
from plimsoll.probes.redis import redis_of, text_of, words_of
from plimsoll.stacks.materials import main_cache
from plimsoll.wait import NotReady, pause, wait_until

SAYS = (
    "Redis is restored from a snapshot that was taken while clients wrote, after its server was lost with all its data"
)
KEYS = 50
"""Keys confirmed before the snapshot, and between it and the disaster: half a second of writing each."""

FLUSHED_SECONDS = 1.2
"""Without a write, so that a file written with `appendfsync everysec` is on the disk."""

OWN = "witness:"
CREATED = 202
JOB_SECONDS = 20.0
"""Until the application, which has just been started again, takes a job; it takes less than a second."""


@dataclass(slots=True)
class Persistence:
    """What is known of the append-only file."""

    appends: bool = False
    appends_again: bool = False
    crashed: tuple[Difference, ...] | None = None
    forgotten: tuple[Difference, ...] = ()


def cache_recovery(theatre: Theatre) -> CacheRecovery:
    """Keys of every type, a crash, a snapshot while keys are written, the server lost, the runbook's restore."""
    service = main_cache(theatre.deployment)
    if service is None:
        raise NothingOfTheKind("this deployment has no Redis")
    role, recorder = service.role, theatre.recorder("redis", SAYS)
    story, kept, testimony = Story(recorder), Persistence(), Testimony()
    with rehearsed(theatre, recorder, acts=("backup-redis", "restore-redis")) as rehearsal:
        seed_keys(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with redis_of(rehearsal.stack, role) as redis:
            redis.ask("SAVE")  # a server that has run for a while has a dump.rdb of earlier, by its save points
        with KeyWriter(rehearsal.stack, role, recorder) as writer:
            try:
                _crash(rehearsal, role, writer, kept)
                _back_up(rehearsal, role, writer, story)
                _restore(rehearsal, role, writer, story)
                _again(rehearsal, role, story, kept)
            except (CouldNotLook, NotReady) as error:
                story.failed(error.args[0])
            testimony = writer.testimony
    return story.told(
        CacheRecovery,
        testimony,
        appends=kept.appends,
        appends_again=kept.appends_again,
        crashed=kept.crashed,
        forgotten=kept.forgotten,
    )


def _crash(rehearsal: Rehearsal, role: str, writer: KeyWriter, kept: Persistence) -> None:
    """The server is killed a second after the last write, and started again: all of it is there, where it appends."""
    kept.appends = _appends(rehearsal, role)
    if not kept.appends:
        rehearsal.recorder.note("the server keeps no append-only file: what is not in a snapshot does not outlive it")
        return
    with rehearsal.recorder.phase("crash"):
        writer.keys(KEYS)
        writer.settle()
        pause(FLUSHED_SECONDS)
        before = Census(keys=keys_of(rehearsal.stack, role))
        _kill(rehearsal, role)
        kept.crashed = differences(before, Census(keys=keys_of(rehearsal.stack, role)))


def _back_up(rehearsal: Rehearsal, role: str, writer: KeyWriter, story: Story) -> None:
    """A snapshot while keys are written: what was there before it began must be in it."""
    recorder = rehearsal.recorder
    with recorder.phase("steady"):
        writer.keys(KEYS)
        story.before = Census(keys=_lasting(rehearsal, role))
    with recorder.phase("backup"):
        story.backup_at = recorder.now
        rehearsal.operator.does("backup-redis")
        story.backed_up_at = recorder.now
    with recorder.phase("more writes"):
        writer.keys(KEYS)
        writer.settle()
    recorder.data_bytes = _bytes(rehearsal, role)


def _restore(rehearsal: Rehearsal, role: str, writer: KeyWriter, story: Story) -> None:
    """The server comes back with nothing, as an engine would start it again, and the runbook restores the snapshot."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    story.disaster = rehearsal.lose(role)
    with recorder.phase(DETECT):
        wait_until(lambda: not answers(rehearsal, role), timeout=BACK_SECONDS, what="a Redis that is away")
    backup = story.took(operator.newest("backup-redis"))
    with recorder.phase(START):
        rehearsal.stack.resume(role)
    with recorder.phase(RESTORE):
        restored = operator.does("restore-redis", backup=backup)
    story.points.append((recorder.data_bytes, restored.seconds))
    if not restored.well:
        raise CouldNotLook("the restore of Redis failed")
    with recorder.phase(VERIFY):
        wait_until(lambda: answers(rehearsal, role), timeout=BACK_SECONDS, what="a Redis that answers")
        after = _lasting(rehearsal, role)
        # What was made after the snapshot began is not what it has to bring back.
        story.changed = differences(
            story.before, Census(keys={k: v for k, v in after.items() if k in story.before.keys})
        )
        story.loss = writer.testimony.loss(writer.found(), disaster=story.disaster)
        story.healthy = True
        story.writes_again = takes_jobs(rehearsal)


def _again(rehearsal: Rehearsal, role: str, story: Story, kept: Persistence) -> None:
    """A crash after the restore: a server that reads its append-only file may know nothing of what was restored."""
    kept.appends_again = _appends(rehearsal, role)
    with rehearsal.recorder.phase("crash again"):
        pause(FLUSHED_SECONDS)
        restored = Census(
            keys={name: said for name, said in _lasting(rehearsal, role).items() if name in story.before.keys}
        )
        _kill(rehearsal, role)
        kept.forgotten = differences(
            restored, Census(keys={k: v for k, v in _lasting(rehearsal, role).items() if k in restored.keys})
        )


def _kill(rehearsal: Rehearsal, role: str) -> None:
    rehearsal.recorder.act(f"{role} is killed", destructive=True)
    rehearsal.stack.kill(role)
    rehearsal.stack.resume(role)


def _lasting(rehearsal: Rehearsal, role: str) -> dict[str, str]:
    """Every key but those that are being written."""
    return {name: said for name, said in keys_of(rehearsal.stack, role).items() if not name.startswith(OWN)}


def _appends(rehearsal: Rehearsal, role: str) -> bool:
    """Whether the live server keeps an append-only file."""
    with redis_of(rehearsal.stack, role) as redis:
        return words_of(redis.ask("CONFIG", "GET", "appendonly"))[1:] == [b"yes"]


def _bytes(rehearsal: Rehearsal, role: str) -> int:
    """The memory that the server's data takes."""
    with redis_of(rehearsal.stack, role) as redis:
        said = text_of(redis.ask("INFO", "memory"))
    return next(
        (int(line.partition(":")[2]) for line in said.splitlines() if line.startswith("used_memory_dataset:")), 0
    )


def answers(rehearsal: Rehearsal, role: str) -> bool:
    """Whether that Redis does what it is asked."""
    try:
        with redis_of(rehearsal.stack, role, seconds=1.0) as redis:
            return redis.ask("PING") == b"PONG"
    except CouldNotLook:
        return False


def takes_jobs(rehearsal: Rehearsal) -> bool:
    """Whether the application puts a job into its queue, which is in Redis; a login keeps a token there, too."""
    visitor = Visitor(caller := Caller(rehearsal.stack, rehearsal.deployment))

    def put() -> HttpExchange:
        return visitor.ask("POST", caller.jobs, headers=JSON, body=b'{"kind": "drill"}')

    try:
        wait_until(put, lambda told: told.status == CREATED, timeout=JOB_SECONDS, what="a job that is taken")
    except NotReady as error:
        said = error.last.where if isinstance(error.last, HttpExchange) else ""
        rehearsal.recorder.note(f"the application takes no job: {said}")
        return False
    finally:
        visitor.close()
    return True
