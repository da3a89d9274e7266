"""What is lost in a recovery: measured row by row, and bounded by how often backups are made."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import DumpRecovery, Recovered, SystemRecovery, Write
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = ["backup_loses_nothing", "recovery_invents_nothing", "system_loses_nothing"]

SHOWN = 5


def backup_loses_nothing(promise: Promise, seen: DumpRecovery) -> Finding:
    """What was confirmed before the backup began comes back, every single row; what is missing came after it."""
    return _nothing_before(promise, seen, "the dump")


def system_loses_nothing(promise: Promise, seen: SystemRecovery) -> Finding:
    """What was confirmed before the backups began comes back on new machines, every single row."""
    return _nothing_before(promise, seen, "the backups")


def recovery_invents_nothing(promise: Promise, seen: DumpRecovery) -> Finding:
    """A recovery brings back what was written, each row once, and nothing else."""
    expected = "only rows that somebody wrote"
    if seen.loss is None:
        return _unknown(promise, seen, expected)
    if seen.loss.strangers:
        return promise.broken(
            expected=expected,
            actual=f"{len(seen.loss.strangers)} rows that nobody wrote",
            message=f"rows came back that nobody wrote: {_numbers(seen.loss.strangers)}",
            hint="the dump was made of another database, or of a replica that had other rows",
            evidence=evidence(seen),
        )
    there = f"{len(seen.testimony.acknowledged) - len(seen.loss.missing)} confirmed rows are back"
    return promise.kept(
        expected=expected, actual=f"{there}, and {len(seen.loss.unconfirmed)} unconfirmed ones", evidence=evidence(seen)
    )


def _nothing_before(promise: Promise, seen: Recovered, what: str) -> Finding:
    expected = f"every row confirmed before {what} began"
    if seen.loss is None:
        return _unknown(promise, seen, expected)
    covered = [w for w in seen.testimony.acknowledged if w.acked is not None and w.acked <= seen.backup_at]
    if not covered:
        return promise.unknown(f"no row was confirmed before {what} began", expected=expected)
    lost = [w.number for w in covered if w.number in set(seen.loss.missing)]
    after = len(seen.loss.missing) - len(lost)
    actual = f"{len(covered) - len(lost)} of {len(covered)} rows are back; of what came later {after} are lost"
    if lost:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(lost)} rows are lost that were confirmed before {what} began: {_numbers(lost)}",
            hint=where(seen),
            evidence=[*_lines(covered, lost), *evidence(seen)],
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def _unknown(promise: Promise, seen: Recovered, expected: str) -> Finding:
    return promise.unknown(
        f"nothing came back to compare: {trouble_of(seen) or 'no row was counted'}",
        expected=expected,
        hint=where(seen),
        evidence=evidence(seen),
    )


def _lines(covered: Sequence[Write], lost: Sequence[int]) -> list[str]:
    return [f"row {w.number} was confirmed at {w.acked:.2f} s" for w in covered if w.number in set(lost)][:SHOWN]


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN]))
    return f"{shown}, …" if len(numbers) > SHOWN else shown
