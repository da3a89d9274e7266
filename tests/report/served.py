"""Made-up drills under traffic: a release that comes and goes, one that is no good, and faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.observations.drills import BadReleases, Change, Entry, Journal, Phase, Read, Release, Testimony, Write
from plimsoll.observations.drills.faults import DETAILED, LIVE, READY, Fault, FaultTrials, Sign
from plimsoll.observations.drills.rollouts import REFUSED

STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
EVERY, END = 0.05, 12.0
"""Seconds between two rows and between two looks, and those that each drill takes."""

OLD, NEW, BAD = "1.0.0", "1.1.0", "1.1.1"
SCRIPT = "/opt/sample/scripts/release.sh"
CONTROL = 11.0

REPORT = (
    '{"status": "unhealthy", "checks": [{"name": "database", "status": "down"}, {"name": "redis", "status": "up"}]}'
)


def witnessed(version: Callable[[float], str], failed: Callable[[float], str]) -> Testimony:
    """A row and a look every twentieth of a second; each is answered by a release, or fails for a reason."""
    moments = [number * EVERY for number in range(int(END / EVERY))]
    return Testimony(
        writes=tuple(
            Write(
                number=number,
                sent=at,
                acked=None if failed(at) else at + 0.006,
                trouble=failed(at),
                version="" if failed(at) else version(at),
            )
            for number, at in enumerate(moments, start=1)
        ),
        reads=tuple(
            Read(at=at + 0.02, good=not failed(at), trouble=failed(at), version="" if failed(at) else version(at))
            for at in moments
        ),
    )


def journal(drill: str, says: str, parts: Sequence[Change | Fault]) -> Journal:
    """A phase for each part, and a command for each change."""
    return Journal(
        drill=drill,
        says=says,
        started=STARTED,
        medium="tmpfs",
        phases=tuple(Phase(name=part.name, started=part.began, finished=_over(part)) for part in parts),
        entries=tuple(
            Entry(at=part.began, kind="command", what=part.command, code=part.code, tried=bool(part.meant))
            for part in parts
            if isinstance(part, Change)
        ),
    )


def _over(part: Change | Fault) -> float:
    return part.over if isinstance(part, Fault) else max(part.settled, part.ended)


def released() -> Release:
    """Back where nothing was before is refused; 1.1.0 comes at 4.5 s and goes at 8.5 s; nobody notices any of it."""
    changes = (
        Change(
            name="back-to-nothing",
            command="/opt/sample/scripts/roll-back.sh",
            code=1,
            began=1.0,
            ended=1.3,
            settled=1.9,
            before=OLD,
            after=OLD,
            meant=REFUSED,
        ),
        Change(
            name="release",
            command=f"{SCRIPT} {NEW}",
            code=0,
            began=3.0,
            ended=6.0,
            settled=6.5,
            wanted=NEW,
            before=OLD,
            after=NEW,
        ),
        Change(
            name="roll-back",
            command="/opt/sample/scripts/roll-back.sh",
            code=0,
            began=8.0,
            ended=9.0,
            settled=9.5,
            wanted=OLD,
            before=NEW,
            after=OLD,
        ),
    )
    seen = witnessed(lambda at: NEW if 4.5 <= at < 8.5 else OLD, lambda at: "status 502" if at >= CONTROL else "")
    return Release(
        journal=journal("release", "a release comes and goes", changes),
        seen_at=STARTED,
        changes=changes,
        testimony=seen,
        loss=seen.loss({write.number for write in seen.acknowledged}, disaster=END),
        control_at=CONTROL,
        control=40,
    )


def bad(*, kept: bool = False) -> BadReleases:
    """1.1.1 answers from 4 s on and fails half a second later; it is taken back at 5 s, or `kept`."""
    change = Change(
        name="crashing",
        command=f"{SCRIPT} {BAD}",
        code=0 if kept else 1,
        began=2.0,
        ended=6.0,
        settled=6.5,
        wanted=BAD,
        before=OLD,
        after=BAD if kept else OLD,
        meant=REFUSED,
    )
    gone = END if kept else 5.0

    def failed(at: float) -> str:
        return "status 502" if 4.5 <= at < 5.0 or at >= CONTROL else ""

    seen = witnessed(lambda at: BAD if 4.0 <= at < gone else OLD, failed)
    return BadReleases(
        journal=journal("bad releases", "releases that are no good", (change,)),
        seen_at=STARTED,
        changes=(change,),
        testimony=seen,
        loss=seen.loss({write.number for write in seen.acknowledged}, disaster=END),
        control_at=CONTROL,
        control=40,
    )


def befallen(*, heals: bool = True) -> FaultTrials:
    """Redis is killed, which nobody notices; the database is killed, which fails requests for two seconds."""
    faults = (
        Fault(
            name="cache-killed",
            what="Redis is killed",
            roles=("redis",),
            landed="redis refuses connections",
            began=1.0,
            struck=1.1,
            ended=2.0,
            healed=2.0,
        ),
        Fault(
            name="database-killed",
            what="the database is killed",
            roles=("postgres",),
            landed="postgres refuses connections",
            began=4.0,
            struck=4.1,
            ended=5.0,
            healed=6.0 if heals else 0.0,
        ),
    )
    signs = [Sign(at=n / 10, question=LIVE, status=200) for n in range(60)]
    signs += [Sign(at=n / 10, question=READY, status=503 if 42 <= n < 60 else 200) for n in range(60)]
    signs += [Sign(at=n / 10, question=DETAILED, status=503, said=REPORT) for n in range(42, 50)]
    seen = witnessed(lambda _: "", lambda at: "status 503" if 4.0 <= at < 6.0 else "")
    return FaultTrials(
        journal=journal("faults", "one fault after the other", faults),
        seen_at=STARTED,
        application="app",
        faults=faults,
        signs=tuple(signs),
        testimony=seen,
        loss=seen.loss({write.number for write in seen.acknowledged}, disaster=END),
        queued=("a", "b"),
        skipped={"replica-killed": "there is one app only"},
    )


def lost(seen: Release) -> Release:
    """The same with three rows lost, one doubled, and a control that nobody noticed."""
    assert seen.loss is not None
    return replace(seen, loss=replace(seen.loss, missing=(5, 6, 9)), doubled=(7,), control=0)
