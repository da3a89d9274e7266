"""Whether a standby takes the primary's place in time, what that loses, and that never two of them take writes."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations.drills import CacheFailover, Failover
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = [
    "cache_failover_loses_little",
    "cache_failover_serves",
    "cache_replicas_stream",
    "failover_loses_little",
    "failover_serves",
    "old_cache_primary_follows",
    "old_primary_fenced",
    "replicas_stream",
]

MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind of server calls things. `read_only` is what it says to a write where it takes none."""

    row: str
    read_only: str
    streams: str
    clients: str
    sent: str
    fence: str
    follow: str


POSTGRES = Kind(
    row="row",
    read_only="read-only",  # SQLSTATE 25006
    streams=" streaming ",
    clients="clients name both servers and ask for the one that takes writes: target_session_attrs=read-write",
    sent="is it streaming? pg_stat_replication says; synchronous_standby_names loses nothing, and waits",
    fence="before it can start again: touch $PGDATA/standby.signal",
    follow="pg_stat_replication on the primary, the standby's log: wal_level, max_wal_senders, its account",
)
REDIS = Kind(
    row="key",
    read_only="READONLY",
    streams=",state=online,",
    clients="clients know both servers, and write to the one that ROLE calls master",
    sent="is it online? INFO replication says; WAIT tells a client how many have what it wrote",
    fence="before it can start again: replicaof HOST PORT, in a file that its configuration reads last",
    follow="INFO replication on the primary, the standby's log: replicaof, masterauth, its address",
)


def failover_serves(promise: Promise, seen: Failover, *, minutes: float) -> Finding:
    """After the primary was killed its standby is promoted by the runbook, and takes new rows within the time."""
    return _serves(promise, seen, POSTGRES, minutes)


def cache_failover_serves(promise: Promise, seen: CacheFailover, *, minutes: float) -> Finding:
    """After Redis was killed its standby is promoted by the runbook, and the application writes to it within the time.

    Nobody promotes it but whoever runs the runbook, so the time begins when that person is there. It leads after a
    restart, too.
    """
    finding = _serves(promise, seen, REDIS, minutes)
    if finding.outcome is not Outcome.PASS or seen.writes_again:
        return finding
    return promise.broken(
        expected=f"{finding.expected}, and after a restart",
        actual="nobody takes writes any more",
        message=f"{seen.standby} took over from {seen.primary}, and was restarted: nobody writes to it any more",
        hint="what promotes it says so to its configuration, too: replicaof no one, read last",
        evidence=evidence(seen),
    )


def _serves(promise: Promise, seen: Failover, kind: Kind, minutes: float) -> Finding:
    expected = f"{seen.standby} takes the writes of {seen.primary} within {minutes:g} minutes"
    trouble = trouble_of(seen)
    if trouble or not seen.promoted:
        why = trouble or f"{seen.standby} still follows"
        hint = kind.clients if seen.promoted else where(seen)
        return promise.broken(
            expected=expected,
            actual="promoted, and nobody writes to it" if seen.promoted else "not promoted",
            message=f"{seen.standby} did not take over from {seen.primary}: {why}",
            hint=hint,
            evidence=evidence(seen),
        )
    split = ", ".join(f"{phase.name} {phase.seconds:.1f}" for phase in seen.journal.recovery)
    actual = f"{seen.seconds:.1f} s ({split})"
    if seen.seconds > minutes * MINUTE:
        message = f"{seen.standby} took over from {seen.primary} after {seen.seconds / MINUTE:.1f} minutes"
        hint = where(seen)
        return promise.broken(expected=expected, actual=actual, message=message, hint=hint, evidence=evidence(seen))
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def failover_loses_little(promise: Promise, seen: Failover, *, seconds: float) -> Finding:
    """What the old primary had confirmed and the new one lacks was confirmed in the last seconds before the end."""
    return _loses_little(promise, seen, POSTGRES, seconds)


def cache_failover_loses_little(promise: Promise, seen: CacheFailover, *, seconds: float) -> Finding:
    """What the old Redis had confirmed and the new one lacks was confirmed in the last seconds before the end.

    Redis confirms a write before a replica has it. Which ones a replica has, WAIT tells the client that asks; a primary
    with min-replicas-to-write refuses them while it has none, and so does one that has just been promoted.
    """
    return _loses_little(promise, seen, REDIS, seconds)


def _loses_little(promise: Promise, seen: Failover, kind: Kind, seconds: float) -> Finding:
    expected = f"no more than the last {seconds:g} s of what {seen.primary} had confirmed is lost"
    if seen.loss is None:
        return promise.unknown(f"nobody could count what {seen.standby} has: {trouble_of(seen)}", expected=expected)
    lost, gone = seen.loss.seconds, len(seen.loss.missing)
    what = f"{gone} {kind.row}s"
    confirmed = len([write for write in seen.testimony.acknowledged if write.sent < seen.disaster])
    actual = f"{gone} of {confirmed} confirmed {kind.row}s lost" + (f", the last {lost:.2f} s" if gone else "")
    if not confirmed:
        return promise.unknown(f"no {kind.row} was confirmed before", expected=expected)
    if lost > seconds:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{seen.standby} lacks {what} that {seen.primary} had confirmed, of its last {lost:.1f} s",
            hint=kind.sent,
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def old_primary_fenced(promise: Promise, seen: Failover) -> Finding:
    """When the old primary comes back it takes no writes, and none that clients send goes to it."""
    return _fenced(promise, seen, POSTGRES)


def old_cache_primary_follows(promise: Promise, seen: CacheFailover) -> Finding:
    """When the old Redis comes back it takes no writes, gets none that clients send, and follows the new one."""
    finding = _fenced(promise, seen, REDIS)
    if finding.outcome is not Outcome.PASS or seen.rejoined:
        return finding
    return promise.broken(
        expected=f"{finding.expected}, and follows {seen.standby}",
        actual="it receives nothing",
        message=f"{seen.primary} came back, takes no writes, and has nothing of what {seen.standby} is told",
        hint=REDIS.follow,
        evidence=evidence(seen),
    )


def _fenced(promise: Promise, seen: Failover, kind: Kind) -> Finding:
    expected = f"{seen.primary} answers again, and refuses to write"
    if not seen.promoted:
        return promise.unknown(f"{seen.standby} was not promoted: {trouble_of(seen)}", expected=expected)
    if seen.wrote or seen.astray:
        lines = [
            f"{kind.row} {number} was confirmed, and {seen.standby} does not have it" for number in seen.astray[:5]
        ]
        actual = f"{len(seen.astray)} {kind.row}s went astray" if seen.astray else "both take writes"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{seen.primary} came back and takes writes beside {seen.standby}: two truths from then on",
            hint=kind.fence,
            evidence=[*lines, *evidence(seen)],
        )
    if seen.answered and kind.read_only in seen.refusal:
        return promise.kept(expected=expected, actual=seen.refusal, evidence=evidence(seen))
    why = seen.refusal or seen.trouble or "nobody tried"
    return promise.unknown(
        f"it is not known why {seen.primary} takes no writes: {why}", expected=expected, evidence=evidence(seen)
    )


def replicas_stream(promise: Promise, seen: Failover, *, replicas: int = 1) -> Finding:
    """So many servers receive all that happens to the primary, as it happens."""
    return _streams(promise, seen, POSTGRES, replicas)


def cache_replicas_stream(promise: Promise, seen: CacheFailover, *, replicas: int = 1) -> Finding:
    """So many servers receive all that happens to Redis, as it happens."""
    return _streams(promise, seen, REDIS, replicas)


def _streams(promise: Promise, seen: Failover, kind: Kind, replicas: int) -> Finding:
    expected = f"at least {replicas} streaming"
    streaming = [each for each in seen.streaming if kind.streams in f"{each} "]
    actual = ", ".join(seen.streaming) or "nobody"
    if not seen.amount:
        return promise.unknown("nobody looked", expected=expected)
    if len(streaming) < replicas:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(streaming)} of {replicas} servers stream from {seen.primary}: {actual}",
            hint=kind.follow,
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))
