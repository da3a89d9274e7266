"""The drill of Redis's failover, on a deployment whose runbook is right; and who has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.drills.recovery.cache_failover import cache_failover
from plimsoll.errors import NothingOfTheKind
from plimsoll.observations.drills import DETECT, VERIFY
from plimsoll.observations.drills.journal import FENCE, PROMOTE
from tests.drills.stages import deployment_named
from tests.drills.theatres import theatre_of


@pytest.mark.nightly
def test_a_standby_of_redis_takes_over(tmp_path: Path) -> None:
    """It is online, is promoted in four timed phases and stays so, the old primary refuses to write, and follows."""
    with theatre_of(deployment_named("mustache"), tmp_path) as theatre:
        seen = cache_failover(theatre)

    assert (seen.trouble, seen.primary, seen.standby) == ("", "redis", "redis-standby")
    assert [",state=online," in each for each in seen.streaming] == [True]
    assert (seen.promoted, seen.healthy, seen.writes_again) == (True, True, True)
    assert [phase.name for phase in seen.journal.recovery] == [DETECT, FENCE, PROMOTE, VERIFY]
    assert (seen.answered, seen.wrote, "READONLY" in seen.refusal, seen.rejoined) == (True, False, True, True)
    assert seen.astray == ()
    assert seen.loss is not None
    assert seen.loss.strangers == ()
    before = [write for write in seen.testimony.acknowledged if write.sent < seen.disaster]
    after = [write for write in seen.testimony.acknowledged if write.sent > seen.disaster]
    assert (len(before) >= 100, len(after) >= 200) == (True, True)


def test_who_has_no_replica_is_not_asked_for_one(tmp_path: Path) -> None:
    """Nobody follows FixRx's Redis: there is nothing to promote, and no stack is put up for it."""
    with theatre_of(deployment_named("fixrx"), tmp_path) as theatre, pytest.raises(NothingOfTheKind):
        cache_failover(theatre)
