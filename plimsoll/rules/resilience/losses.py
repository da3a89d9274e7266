"""Whether faults cost anything that had been confirmed: rows, or jobs."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import FaultTrials
from plimsoll.observations.drills.faults import CACHE_FULL
from plimsoll.rules.resilience.told import chosen, lines

__all__ = ["faults_lose_no_write", "queue_survives_full_cache"]

SHOWN = 5


def faults_lose_no_write(promise: Promise, seen: FaultTrials) -> Finding:
    """Every row that was confirmed to a client is there after all faults, and there once."""
    expected = "every confirmed row is there, once"
    found, doubt = chosen(seen, ())
    if seen.loss is None or not seen.testimony.acknowledged or not found:
        why = doubt or f"nobody counted rows: {seen.trouble or 'none was confirmed'}"
        return promise.unknown(why, expected=expected, evidence=lines(seen))
    missing, confirmed = seen.loss.missing, len(seen.testimony.acknowledged)
    actual = f"{confirmed} rows confirmed, {len(missing)} missing, {len(seen.doubled)} twice"
    if wrong := missing or seen.doubled:
        what = "are missing" if missing else "are there twice"
        acked = {write.number: write.acked or 0.0 for write in seen.testimony.acknowledged}
        last = max((acked.get(number, 0.0) for number in wrong), default=0.0)
        after = next((fault for fault in seen.faults if fault.began <= last <= fault.over), None)
        after = after or next((fault for fault in seen.faults if fault.began >= last), None)
        where = f" around the moment when {after.what}" if after else ""
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(wrong)} rows that were confirmed {what}{where}: {', '.join(map(str, wrong[:SHOWN]))}",
            hint="synchronous_commit = on, fsync = on; a request that is sent again carries its key",
            evidence=lines(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=lines(seen))


def queue_survives_full_cache(promise: Promise, seen: FaultTrials) -> Finding:
    """Jobs that waited when Redis ran out of memory are all done afterwards."""
    expected = "every job that waited is done"
    if CACHE_FULL in seen.skipped or (seen.of(CACHE_FULL) and not seen.queued):
        return promise.not_applicable("no worker takes jobs from a queue in Redis")
    found, doubt = chosen(seen, (CACHE_FULL,))
    if doubt or not seen.queued:
        return promise.unknown(doubt or "no job waited", expected=expected, evidence=lines(seen))
    actual = f"{len(seen.queued) - len(seen.vanished)} of {len(seen.queued)} jobs done"
    if seen.vanished:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(seen.vanished)} of {len(seen.queued)} jobs that waited are never done: "
            f"Redis forgot them ({found[0].landed})",
            hint="maxmemory-policy noeviction where a queue lives; a cache that may forget is another Redis",
            evidence=lines(seen, found),
        )
    return promise.kept(expected=expected, actual=actual, evidence=lines(seen, found))
