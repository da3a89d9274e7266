"""The drill of Redis, on a deployment whose runbook is right; and those who write keys meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.clients.keys import KeyWriter
from plimsoll.drills.recovery.cache import cache_recovery
from plimsoll.model import Outcome, Promise
from plimsoll.observations.drills import DETECT, RESTORE, START, VERIFY, CacheRecovery, Journal
from plimsoll.rules.recovery.keys import keys_outlive_a_crash
from plimsoll.wait import pause
from tests.drills.stages import deployment_named, recorder_in, running
from tests.drills.theatres import theatre_of


def test_keys_come_back(tmp_path: Path) -> None:
    """A crash loses nothing, a snapshot under writing holds what was before it, and a restart forgets none of it."""
    with theatre_of(deployment_named("nestjs-backend"), tmp_path) as theatre:
        seen = cache_recovery(theatre)

    assert (seen.trouble, seen.changed, seen.crashed, seen.forgotten) == ("", (), (), ())
    assert (seen.appends, seen.appends_again, seen.writes_again) == (True, True, True)
    assert seen.loss is not None
    early = {write.number for write in seen.testimony.acknowledged if (write.acked or 0.0) <= seen.backup_at}
    assert early
    assert not early & set(seen.loss.missing)
    assert seen.loss.missing  # what came after the snapshot is lost, or nobody lost anything
    assert sorted(phase.name for phase in seen.journal.recovery) == sorted([DETECT, START, RESTORE, VERIFY])
    assert len(seen.before.keys) > 500


def test_keys_that_nobody_confirmed_are_known(tmp_path: Path) -> None:
    """While Redis is away nothing is confirmed, and what was confirmed before and after is there."""
    nestmap = deployment_named("nestmap")
    with running(nestmap) as stack, KeyWriter(stack, "redis", recorder_in(tmp_path)) as writer:
        writer.keys(10)
        with stack.interrupted("redis"):
            pause(0.3)
            during = len(writer.testimony.acknowledged)
            pause(0.2)
            still = len(writer.testimony.acknowledged)
        writer.keys(10)
        moment = writer.settle()
        kept = writer.testimony
        found = writer.found()

    numbers = [write.number for write in kept.writes]
    assert during == still
    assert numbers == list(range(1, len(numbers) + 1))
    assert kept.loss(found, disaster=moment).strangers == ()
    assert {write.number for write in kept.acknowledged[-10:]} <= found


def test_a_cache_without_a_log_promises_none() -> None:
    """Where no append-only file is kept and none is promised, the promise does not apply."""
    promise = Promise(id="T-1", rule="keys-outlive-a-crash", area="cache", title="a sample", source="a sample guide")
    journal = Journal(drill="redis", says="Redis is restored", started=datetime.now(UTC))
    seen = CacheRecovery(journal=journal, seen_at=journal.started)

    assert keys_outlive_a_crash(promise, seen).outcome is Outcome.NOT_APPLICABLE
    assert keys_outlive_a_crash(promise, seen, required=True).outcome is Outcome.FAIL
