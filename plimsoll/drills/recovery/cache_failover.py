"""The drill of Redis's failover: the primary killed under writes, its standby promoted, the old one made to follow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plimsoll.drills.clients.keys import KeyWriter
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.recovery.cache import answers, takes_jobs
from plimsoll.drills.stage.rehearsal import BACK_SECONDS, Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed_keys
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook, NothingOfTheKind, PlimsollError
from plimsoll.model import Deployment
from plimsoll.observations.drills import DETECT, VERIFY, CacheFailover
from plimsoll.observations.drills.journal import FENCE, PROMOTE
from plimsoll.probes.redis import facts_of, redis_of
from plimsoll.stacks.materials import followers, main_cache
from plimsoll.wait import NotReady, wait_until

SAYS = "Redis is killed under writes, the runbook promotes its standby and has the old one follow it"
KEYS = 100
"""Keys that are confirmed before and after: a second of writing each."""

ATTEMPT = ("SET", "plimsoll:attempt", "1")
LINKED = "up"


@dataclass(slots=True)
class _Seen:
    """What is told beside a recovery's story; the primary was `gone` at that moment, and confirmed until then."""

    gone: float = 0.0
    streaming: tuple[str, ...] = ()
    promoted: bool = False
    answered: bool = False
    refusal: str = ""
    wrote: bool = False
    rejoined: bool = False
    astray: tuple[int, ...] = ()


def cache_failover(theatre: Theatre) -> CacheFailover:
    """Steady writes, the primary killed, the runbook's acts, keys counted; then the old primary comes back."""
    primary, standby = _pair(theatre.deployment)
    recorder = theatre.recorder("redis-failover", SAYS)
    story, seen = Story(recorder), _Seen()
    with rehearsed(theatre, recorder, acts=("fence-cache", "promote-cache")) as rehearsal:
        seed_keys(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with KeyWriter(rehearsal.stack, primary, recorder, standby) as writer:
            with recorder.phase("steady"):
                seen.streaming = _streaming(rehearsal, primary, standby)
                takes_jobs(rehearsal)
                writer.keys(KEYS)
            recorder.act(f"{primary} is killed", destructive=True)
            story.disaster = recorder.now
            rehearsal.stack.kill(primary)
            seen.gone = recorder.now
            story.takes(
                lambda: _take_over(rehearsal, writer, story, seen, standby),
                lambda: _count(writer, story, seen, standby),
                lambda: _come_back(rehearsal, seen, primary),
                lambda: _go_on(rehearsal, writer, story, seen, standby),
            )
    told = story.told(lambda **known: CacheFailover(primary=primary, standby=standby, **known), writer.testimony)  # type: ignore[arg-type]
    return replace(
        told,
        streaming=seen.streaming,
        promoted=seen.promoted,
        answered=seen.answered,
        refusal=seen.refusal,
        wrote=seen.wrote,
        rejoined=seen.rejoined,
        astray=seen.astray,
    )


def _pair(deployment: Deployment) -> tuple[str, str]:
    """The primary and the first that follows it. Raises NothingOfTheKind."""
    primary = main_cache(deployment)
    standby = next(iter(followers(deployment, primary)), None) if primary else None
    if primary is None or standby is None:
        raise NothingOfTheKind("no server follows Redis", hint='settings = { follows = "redis" }')
    return primary.role, standby.role


def _streaming(rehearsal: Rehearsal, primary: str, standby: str) -> tuple[str, ...]:
    """Who follows the primary, and how far it is, once all that was there before has been sent; or it never is."""

    def seen() -> dict[str, str]:
        return _replication(rehearsal, primary)

    try:
        told = wait_until(
            seen,
            lambda told: any("state=online" in said for said in told.values()),
            timeout=BACK_SECONDS,
            what=f"a {standby} that receives",
        )
    except NotReady:
        told = seen()
    return tuple(said for name, said in sorted(told.items()) if name.startswith("slave"))


def _replication(rehearsal: Rehearsal, role: str) -> dict[str, str]:
    with redis_of(rehearsal.stack, role) as redis:
        return facts_of(redis, "replication")


def _take_over(rehearsal: Rehearsal, writer: KeyWriter, story: Story, seen: _Seen, standby: str) -> None:
    """Noticed, fenced, promoted. Raises CouldNotLook when nobody serves again."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    with recorder.phase(DETECT):
        writer.misses(after=story.disaster, seconds=BACK_SECONDS)
    with recorder.phase(FENCE):
        operator.does("fence-cache")
    with recorder.phase(PROMOTE):
        operator.does("promote-cache")
    seen.promoted = _replication(rehearsal, standby)["role"] == "master"
    with recorder.phase(VERIFY):
        writer.keys(1, seconds=BACK_SECONDS)
        if not takes_jobs(rehearsal):
            raise CouldNotLook("the application takes no job")
    story.healthy = True
    writer.keys(KEYS)


def _count(writer: KeyWriter, story: Story, seen: _Seen, standby: str) -> None:
    """What the new primary has of what the old one had confirmed. Raises CouldNotLook."""
    writer.settle()
    story.loss = writer.testimony.loss(writer.found(standby), disaster=seen.gone)
    story.recorder.mark(f"{len(story.loss.missing)} keys are lost that the old primary had confirmed")


def _come_back(rehearsal: Rehearsal, seen: _Seen, primary: str) -> None:
    """The old primary starts, as after a repair, and somebody tries to write to it."""
    rehearsal.recorder.act(f"{primary} starts again")
    try:
        with rehearsal.recorder.phase("the old primary comes back"):
            rehearsal.stack.resume(primary)
            wait_until(lambda: answers(rehearsal, primary), timeout=BACK_SECONDS, what=f"a {primary} that answers")
        seen.answered = True
        with redis_of(rehearsal.stack, primary) as redis:
            try:
                redis.ask(*ATTEMPT)
                seen.wrote = True
            except CouldNotLook as error:
                seen.refusal = error.fact
        seen.rejoined = not seen.wrote and _rejoins(rehearsal, primary)
    except NotReady as error:
        seen.refusal = error.args[0]
    except PlimsollError as error:
        seen.refusal = error.fact
    rehearsal.recorder.note(f"{primary} {'takes a write' if seen.wrote else f'takes no write: {seen.refusal}'}")


def _rejoins(rehearsal: Rehearsal, primary: str) -> bool:
    """Whether it receives what happens to another server, soon."""
    try:
        wait_until(
            lambda: _replication(rehearsal, primary),
            lambda told: told.get("master_link_status") == LINKED,
            timeout=BACK_SECONDS,
            what=f"a {primary} that receives",
        )
    except NotReady:
        return False
    return True


def _go_on(rehearsal: Rehearsal, writer: KeyWriter, story: Story, seen: _Seen, standby: str) -> None:
    """More keys, of a client that looks anew for who takes them after the new primary was restarted, too.

    Whether all are where they belong: clients ask the old primary first.
    """
    if not story.healthy:
        return
    rehearsal.recorder.act(f"{standby} is restarted")
    rehearsal.stack.halt(standby)
    rehearsal.stack.resume(standby)
    writer.look_anew()
    try:
        writer.keys(KEYS, seconds=BACK_SECONDS)
    except CouldNotLook as error:
        rehearsal.recorder.note(error.fact)
        return
    writer.settle()
    story.writes_again = takes_jobs(rehearsal)
    there = writer.found(standby)
    later = [write for write in writer.testimony.acknowledged if write.sent > seen.gone]
    seen.astray = tuple(write.number for write in later if write.number not in there)
