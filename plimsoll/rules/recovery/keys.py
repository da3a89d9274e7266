"""Whether Redis comes back: from its append-only file after a crash, and from a snapshot after a loss."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Schedules
from plimsoll.observations.drills import CacheRecovery, Difference
from plimsoll.rules.recovery.gaps import SECONDS_PER_MINUTE, duration, worst_gap_of
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = [
    "keys_come_back_whole",
    "keys_loss_bounded",
    "keys_outlive_a_crash",
    "keys_stay_restored",
    "snapshot_loses_nothing",
]

SHOWN = 5


def snapshot_loses_nothing(promise: Promise, seen: CacheRecovery) -> Finding:
    """A snapshot of Redis holds every key that was confirmed before it began, however much is written meanwhile."""
    expected = "every key confirmed before the snapshot began"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    covered = [w.number for w in seen.testimony.acknowledged if (w.acked or 0.0) <= seen.backup_at]
    if not covered:
        return promise.unknown("no key was confirmed before the snapshot began", expected=expected)
    missing = set(seen.loss.missing) if seen.loss else set()
    lost = [number for number in covered if number in missing]
    if lost:
        return promise.broken(
            expected=expected,
            actual=f"{len(lost)} of {len(covered)} such keys are missing",
            message=f"keys are lost that were confirmed before the snapshot began: {_numbers(lost)}",
            hint="BGSAVE answers when it has begun: wait for its end, or take redis-cli --rdb",
            evidence=evidence(seen),
        )
    actual = f"{len(covered)} such keys are back; of what came later {len(missing)} are lost"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def keys_come_back_whole(promise: Promise, seen: CacheRecovery) -> Finding:
    """Restored keys have the type, the content and the end that they had; the application works with them."""
    expected = "keys of every type as they were, and the moment at which they end"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    if not seen.before.keys:
        return promise.unknown("no key had been counted before", expected=expected)
    if not seen.writes_again:
        return promise.broken(
            expected=expected,
            actual="keys with which the application does not work",
            message="Redis is restored, and the application takes no job: nobody logs in, or the queue is shut",
            hint=where(seen),
            evidence=evidence(seen),
        )
    if seen.changed:
        return _different(promise, seen, expected, seen.changed, "the snapshot brings keys back different", where(seen))
    actual = f"{len(seen.before.keys)} keys compared, no difference"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def keys_stay_restored(promise: Promise, seen: CacheRecovery) -> Finding:
    """What was restored is still there after the next restart, and the append-only file is kept as before."""
    expected = "restored keys that outlive a restart, and the same persistence as before"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    if seen.forgotten:
        hint = "with appendonly yes a server reads that file and no dump.rdb: make the snapshot its base, or rewrite it"
        return _different(promise, seen, expected, seen.forgotten, "a restart forgets what was restored", hint)
    if seen.appends and not seen.appends_again:
        return promise.broken(
            expected=expected,
            actual="no append-only file any more",
            message="since the restore Redis keeps no append-only file: the next crash loses what came after it",
            hint="CONFIG SET appendonly yes, or a start with the deployment's own configuration",
            evidence=evidence(seen),
        )
    kept = "with its append-only file" if seen.appends_again else "without an append-only file, as before"
    return promise.kept(expected=expected, actual=kept, evidence=evidence(seen))


def keys_outlive_a_crash(promise: Promise, seen: CacheRecovery, *, required: bool = False) -> Finding:
    """A Redis that is killed a second after the last write has every key when it is back (appendfsync everysec).

    Where a deployment keeps no append-only file this does not apply, unless it is `required`.
    """
    expected = "every key, a second after it was written"
    if seen.crashed is None:
        if seen.appends or seen.trouble:
            return promise.unknown(f"nobody tried: {trouble_of(seen) or 'no crash'}", expected=expected)
        if not required:
            return promise.not_applicable("this Redis keeps no append-only file, and nobody promises that it does")
        return promise.broken(
            expected=expected,
            actual="no append-only file",
            message="Redis keeps no append-only file (appendonly no): a crash loses all since the last snapshot",
            hint="appendonly yes, appendfsync everysec",
            evidence=evidence(seen),
        )
    if seen.crashed:
        hint = "appendfsync everysec, on a volume that outlives the server"
        return _different(promise, seen, expected, seen.crashed, "a crash loses keys", hint)
    return promise.kept(expected=expected, actual="no key lost or changed by a crash", evidence=evidence(seen))


def keys_loss_bounded(
    promise: Promise, seen: CacheRecovery, schedules: Schedules, *, minutes: float, script: str
) -> Finding:
    """Redis never loses more than that: measured to the key, and bounded by the worst gap between two snapshots.

    In a drill of seconds any bound holds, so what counts is computed: the longest time between two runs of `script` in
    a year, and how long a snapshot took.
    """
    expected = f"at most {minutes:g} minutes lost"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    lost = [
        w.number for w in seen.testimony.acknowledged if (w.acked or 0.0) <= seen.backup_at and _missing(seen, w.number)
    ]
    gap = worst_gap_of(schedules, script)
    took = seen.backed_up_at - seen.backup_at
    bound = gap.seconds + took
    trouble = f"keys confirmed before the snapshot are lost: {_numbers(lost)}" if lost else gap.trouble
    if not trouble and bound > minutes * SECONDS_PER_MINUTE:
        trouble = f"up to {duration(bound)} of Redis are lost, and {minutes:g} minutes may be: {gap}"
    actual = gap.trouble or f"computed: {gap}, and {took:.1f} s for a snapshot"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=trouble,
            hint=f"a schedule of {script} with no gap above {minutes:g} minutes less the time a snapshot takes",
            evidence=[*(str(line) for line in gap.lines), *evidence(seen)],
        )
    actual = f"every key before the snapshot is back; {actual}"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def _missing(seen: CacheRecovery, number: int) -> bool:
    return seen.loss is not None and number in seen.loss.missing


def _different(
    promise: Promise, seen: CacheRecovery, expected: str, changed: Sequence[Difference], what: str, hint: str
) -> Finding:
    more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
    return promise.broken(
        expected=expected,
        actual=f"{len(changed)} differences",
        message=f"{what}: {changed[0]}{more}",
        hint=hint,
        evidence=[*map(str, changed[:SHOWN]), *evidence(seen)],
    )


def _nothing_came_back(promise: Promise, seen: CacheRecovery, expected: str) -> Finding | None:
    """The finding where there is nothing to compare; None where there is."""
    trouble = trouble_of(seen) or ("" if seen.loss else "no key was counted")
    if not trouble:
        return None
    return promise.broken(
        expected=expected,
        actual="Redis did not come back",
        message=f"Redis did not come back: {trouble}",
        hint=where(seen),
        evidence=evidence(seen),
    )


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN]))
    return f"{shown}, …" if len(numbers) > SHOWN else shown
