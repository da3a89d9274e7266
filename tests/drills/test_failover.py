"""The drills of failover and of interruptions, on deployments whose runbooks and volumes are right."""

from __future__ import annotations

from pathlib import Path
from threading import Timer

import pytest

from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recovery import failover as the_drill
from plimsoll.drills.recovery.failover import failover
from plimsoll.drills.recovery.persistence import persistence
from plimsoll.drills.stage.seed import seed
from plimsoll.errors import NothingOfTheKind
from plimsoll.model import Deployment
from plimsoll.observations.drills import DETECT, VERIFY
from plimsoll.observations.drills.interruptions import APPLICATION, CACHE, DATABASE, KILL, REMAKE, RESTART
from plimsoll.observations.drills.journal import FENCE, PROMOTE
from tests.drills.stages import deployment_named
from tests.drills.theatres import theatre_of


def test_a_standby_takes_over(tmp_path: Path) -> None:
    """It streams, is promoted in four timed phases, and the old primary answers, and refuses to write."""
    with theatre_of(deployment_named("fixrx"), tmp_path) as theatre:
        seen = failover(theatre)

    assert (seen.trouble, seen.primary, seen.standby) == ("", "postgres", "standby")
    assert any("streaming" in each for each in seen.streaming)
    assert (seen.promoted, seen.healthy, seen.writes_again) == (True, True, True)
    assert [phase.name for phase in seen.journal.recovery] == [DETECT, FENCE, PROMOTE, VERIFY]
    assert (seen.answered, seen.wrote, "read-only" in seen.refusal) == (True, False, True)
    assert seen.astray == ()
    assert seen.loss is not None
    assert seen.loss.strangers == ()
    before = [write for write in seen.testimony.acknowledged if write.sent < seen.disaster]
    after = [write for write in seen.testimony.acknowledged if write.sent > seen.disaster]
    assert (len(before) >= 50, len(after) >= 50) == (True, True)


@pytest.mark.nightly
def test_a_standby_is_given_the_time_to_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes back while the drill begins is not said to be missing, and the primary lives until it follows."""

    def seed_and_delay(stack: HostedStack, deployment: Deployment, *, scale: float) -> None:
        seed(stack, deployment, scale=scale)
        stack.kill("standby")
        Timer(2.5, stack.resume, ["standby"]).start()

    monkeypatch.setattr(the_drill, "seed", seed_and_delay)
    with theatre_of(deployment_named("fixrx"), tmp_path) as theatre:
        seen = failover(theatre)

    assert any("streaming" in each for each in seen.streaming)
    assert (seen.trouble, seen.promoted, seen.healthy) == ("", True, True)


def test_who_has_no_standby_is_not_asked_for_one(tmp_path: Path) -> None:
    """Nobody follows NestMap's database: there is nothing to promote, and no stack is put up for it."""
    with theatre_of(deployment_named("nestmap"), tmp_path) as theatre, pytest.raises(NothingOfTheKind):
        failover(theatre)


@pytest.mark.nightly
def test_interruptions_lose_nothing(tmp_path: Path) -> None:
    """Three parts in three ways each: every row, key and upload is known afterwards, and each silence was timed."""
    with theatre_of(deployment_named("nestjs-backend"), tmp_path) as theatre:
        seen = persistence(theatre)

    assert seen.trouble == ""
    ways = {(each.part, each.how) for each in seen.interruptions}
    assert ways == {(part, how) for part in (APPLICATION, CACHE, DATABASE) for how in (RESTART, KILL, REMAKE)}
    assert all(each.missing == () and each.lost == () for each in seen.interruptions)
    assert all(each.rows > 0 and each.keys > 600 for each in seen.interruptions)
    assert all(each.began < each.back for each in seen.interruptions)
    assert all(each.silence > 0 for each in seen.of(DATABASE))
