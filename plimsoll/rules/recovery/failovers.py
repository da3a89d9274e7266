"""Whether a standby takes the primary's place in time, what that loses, and that never two of them take writes."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Failover
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = ["failover_loses_little", "failover_serves", "old_primary_fenced", "replicas_stream"]

MINUTE = 60.0
READ_ONLY = "read-only"
"""What PostgreSQL says to a write where it takes none (SQLSTATE 25006)."""

CLIENTS = "clients name both servers and ask for the one that takes writes: target_session_attrs=read-write"


def failover_serves(promise: Promise, seen: Failover, *, minutes: float) -> Finding:
    """After the primary was killed its standby is promoted by the runbook, and takes new rows within the time."""
    expected = f"{seen.standby} takes the writes of {seen.primary} within {minutes:g} minutes"
    trouble = trouble_of(seen)
    if trouble or not seen.promoted:
        why = trouble or f"{seen.standby} still follows"
        hint = CLIENTS if seen.promoted else where(seen)
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
    expected = f"no more than the last {seconds:g} s of what {seen.primary} had confirmed is lost"
    if seen.loss is None:
        return promise.unknown(f"nobody could count what {seen.standby} has: {trouble_of(seen)}", expected=expected)
    lost, gone = seen.loss.seconds, len(seen.loss.missing)
    confirmed = len([write for write in seen.testimony.acknowledged if write.sent < seen.disaster])
    actual = f"{gone} of {confirmed} confirmed rows lost" + (f", the last {lost:.2f} s" if gone else "")
    if not confirmed:
        return promise.unknown("no row was confirmed before", expected=expected)
    if lost > seconds:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{seen.standby} lacks {gone} rows that {seen.primary} had confirmed, of its last {lost:.1f} s",
            hint="is it streaming? pg_stat_replication says; synchronous_standby_names loses nothing, and waits",
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def old_primary_fenced(promise: Promise, seen: Failover) -> Finding:
    """When the old primary comes back it takes no writes, and none that clients send goes to it."""
    expected = f"{seen.primary} answers again, and refuses to write"
    if not seen.promoted:
        return promise.unknown(f"{seen.standby} was not promoted: {trouble_of(seen)}", expected=expected)
    if seen.wrote or seen.astray:
        lines = [f"row {number} was confirmed, and {seen.standby} does not have it" for number in seen.astray[:5]]
        actual = f"{len(seen.astray)} rows went astray" if seen.astray else "both take writes"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{seen.primary} came back and takes writes beside {seen.standby}: two truths from then on",
            hint="before it can start again: touch $PGDATA/standby.signal",
            evidence=[*lines, *evidence(seen)],
        )
    if seen.answered and READ_ONLY in seen.refusal:
        return promise.kept(expected=expected, actual=seen.refusal, evidence=evidence(seen))
    why = seen.refusal or seen.trouble or "nobody tried"
    return promise.unknown(
        f"it is not known why {seen.primary} takes no writes: {why}", expected=expected, evidence=evidence(seen)
    )


def replicas_stream(promise: Promise, seen: Failover, *, replicas: int = 1) -> Finding:
    """So many servers receive all that happens to the primary, as it happens."""
    expected = f"at least {replicas} streaming"
    streaming = [each for each in seen.streaming if " streaming " in f"{each} "]
    actual = ", ".join(seen.streaming) or "nobody"
    if not seen.amount:
        return promise.unknown("nobody looked", expected=expected)
    if len(streaming) < replicas:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(streaming)} of {replicas} servers stream from {seen.primary}: {actual}",
            hint="pg_stat_replication on the primary, the standby's log: wal_level, max_wal_senders, its account",
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))
