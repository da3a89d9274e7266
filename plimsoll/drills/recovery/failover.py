"""The drill of the failover: the primary killed under writes, its standby promoted, the old one kept from writing."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed, until_missed, works_again
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook, NothingOfTheKind, PlimsollError
from plimsoll.model import Deployment
from plimsoll.observations.drills import DETECT, VERIFY, Failover
from plimsoll.observations.drills.journal import FENCE, PROMOTE
from plimsoll.probes.census import witnessed
from plimsoll.probes.database import connected
from plimsoll.stacks.materials import main_database
from plimsoll.wait import NotReady, wait_until

SAYS = "the primary is killed under writes, the runbook promotes its standby and keeps the old one from writing"
BACK_SECONDS = 20.0
"""Until nobody waits any more for an application that was to find the new primary; it takes less than a second."""

ROWS = 50
"""Rows that are confirmed before and after: a second of writing each."""

ATTEMPT = "CREATE TABLE plimsoll_attempt (number int)"
"""What nobody can do on a server that takes no writes, and anybody who owns a database can on one that does."""

STREAMING = "streaming"
"""What PostgreSQL says of a standby that has caught up and receives what is written."""


@dataclass(slots=True)
class _Seen:
    """What is told beside a recovery's story; the primary was `gone` at that moment, and confirmed until then."""

    gone: float = 0.0
    streaming: tuple[str, ...] = ()
    promoted: bool = False
    answered: bool = False
    refusal: str = ""
    wrote: bool = False
    astray: tuple[int, ...] = ()


def failover(theatre: Theatre) -> Failover:
    """Steady writes, the primary killed, the runbook's acts, rows counted; then the old primary comes back."""
    primary, standby = _pair(theatre.deployment)
    recorder = theatre.recorder("failover", SAYS)
    story, seen = Story(recorder), _Seen()
    with rehearsed(theatre, recorder) as rehearsal:
        rehearsal.operator.needs("fence", "promote")
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with rehearsal.witness() as witness:
            with recorder.phase("steady"):
                seen.streaming = _streaming(rehearsal, primary)
                witness.rows(ROWS)
            recorder.act(f"{primary} is killed", destructive=True)
            story.disaster = recorder.now
            rehearsal.stack.kill(primary)
            seen.gone = recorder.now
            story.takes(
                lambda: _take_over(rehearsal, witness, story, seen, standby),
                lambda: _count(rehearsal, witness, story, seen, standby),
                lambda: _come_back(rehearsal, seen, primary),
                lambda: _go_on(rehearsal, witness, story, seen, standby),
            )
    return _told(story, seen, witness, primary, standby)


def _pair(deployment: Deployment) -> tuple[str, str]:
    """The primary and the first that follows it. Raises NothingOfTheKind."""
    primary = main_database(deployment)
    services = deployment.services.values()
    standby = next((each.role for each in services if primary and each.settings.get("follows") == primary.role), "")
    if primary is None or not standby:
        raise NothingOfTheKind("no server follows the database", hint='settings = { follows = "postgres" }')
    return primary.role, standby


def _streaming(rehearsal: Rehearsal, primary: str) -> tuple[str, ...]:
    """Who follows the primary, and how far it is, once one receives all that is written; or none ever does."""

    def seen() -> tuple[str, ...]:
        rows = sql.run("SELECT application_name, state, sync_state FROM pg_stat_replication ORDER BY 1")
        return tuple(" ".join(map(str, row)) for row in rows)

    with connected(rehearsal.stack, rehearsal.deployment, role=primary) as sql:
        try:
            return wait_until(
                seen,
                lambda told: any(f" {STREAMING} " in said for said in told),
                timeout=BACK_SECONDS,
                what="a standby that receives",
            )
        except NotReady:
            return seen()


def _take_over(rehearsal: Rehearsal, witness: Witness, story: Story, seen: _Seen, standby: str) -> None:
    """Noticed, fenced, promoted, and what was lost. Raises CouldNotLook when nobody serves again."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    with recorder.phase(DETECT):
        until_missed(witness, after=story.disaster)
    with recorder.phase(FENCE):
        operator.does("fence")
    with recorder.phase(PROMOTE):
        operator.does("promote")
    with connected(rehearsal.stack, rehearsal.deployment, role=standby) as sql:
        seen.promoted = sql.run("SELECT pg_is_in_recovery()") == [[False]]
    with recorder.phase(VERIFY):
        witness.sees_good(after=recorder.now, seconds=BACK_SECONDS)
        witness.rows(1, seconds=BACK_SECONDS)
    story.healthy = True
    witness.rows(ROWS)


def _count(rehearsal: Rehearsal, witness: Witness, story: Story, seen: _Seen, standby: str) -> None:
    """What the new primary has of what the old one had confirmed. Raises CouldNotLook."""
    witness.settle()
    there = witnessed(rehearsal.stack, rehearsal.deployment, role=standby)
    story.loss = witness.testimony.loss(there, disaster=seen.gone)
    rehearsal.recorder.mark(f"{len(story.loss.missing)} rows are lost that the old primary had confirmed")


def _come_back(rehearsal: Rehearsal, seen: _Seen, primary: str) -> None:
    """The old primary starts, as after a repair, and somebody tries to write to it."""
    rehearsal.recorder.act(f"{primary} starts again")
    try:
        with rehearsal.recorder.phase("the old primary comes back"):
            rehearsal.stack.resume(primary)
        with connected(rehearsal.stack, rehearsal.deployment, role=primary) as sql:
            seen.answered = sql.run("SELECT 1") == [[1]]
            try:
                sql.run(ATTEMPT)
                seen.wrote = True
            except CouldNotLook as error:
                seen.refusal = error.fact
    except PlimsollError as error:
        seen.refusal = error.fact
    rehearsal.recorder.note(f"{primary} {'takes a write' if seen.wrote else f'takes no write: {seen.refusal}'}")


def _go_on(rehearsal: Rehearsal, witness: Witness, story: Story, seen: _Seen, standby: str) -> None:
    """More rows, and whether all that were confirmed after the failover are where they belong."""
    if not story.healthy:
        return
    story.writes_again = works_again(rehearsal, witness)
    # First what was confirmed, then what is there: clients go on to write meanwhile.
    later = [write for write in witness.testimony.acknowledged if write.sent > seen.gone]
    there = witnessed(rehearsal.stack, rehearsal.deployment, role=standby)
    seen.astray = tuple(write.number for write in later if write.number not in there)


def _told(story: Story, seen: _Seen, witness: Witness, primary: str, standby: str) -> Failover:
    return story.told(
        Failover,
        witness.testimony,
        primary=primary,
        standby=standby,
        streaming=seen.streaming,
        promoted=seen.promoted,
        answered=seen.answered,
        refusal=seen.refusal,
        wrote=seen.wrote,
        astray=seen.astray,
    )
