"""How long it takes until what was lost serves again, beside what was promised."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import DumpRecovery, FilesRecovery, Recovered, SystemRecovery
from plimsoll.rules.recovery.stories import evidence, trouble_of, where
from plimsoll.statistics.extrapolation import CannotExtrapolate, whole

__all__ = ["database_recovery_time", "files_recovery_time", "system_recovery_time"]

MINUTE = 60.0
GIGABYTE = 1e9


def database_recovery_time(promise: Promise, seen: DumpRecovery, *, minutes: float, data_bytes: int = 0) -> Finding:
    """A lost database serves again within the time, restored from its newest dump by the deployment's own runbook.

    `data_bytes` is the size of production's data, which the time is extrapolated to.
    """
    return _in_time(promise, seen, "the database", minutes, data_bytes)


def files_recovery_time(promise: Promise, seen: FilesRecovery, *, minutes: float, data_bytes: int = 0) -> Finding:
    """The application with its files and configuration serves again within the time, by the deployment's own runbook.

    `data_bytes` is the size of production's files, which the time is extrapolated to.
    """
    return _in_time(promise, seen, "the application", minutes, data_bytes)


def system_recovery_time(promise: Promise, seen: SystemRecovery, *, minutes: float, data_bytes: int = 0) -> Finding:
    """The whole deployment serves again within the time, on machines that held nothing, from what is off its host.

    `data_bytes` is the size of production's data, which the time is extrapolated to.
    """
    return _in_time(promise, seen, "the whole system", minutes, data_bytes)


def _in_time(promise: Promise, seen: Recovered, what: str, minutes: float, data_bytes: int) -> Finding:
    expected = f"{what} serves again within {minutes:g} minutes"
    if trouble := trouble_of(seen):
        return promise.broken(
            expected=expected,
            actual="it did not come back",
            message=f"{what} did not come back: {trouble}",
            hint="the timeline of the drill has every command and what it said",
            evidence=evidence(seen),
        )
    split = ", ".join(f"{phase.name} {phase.seconds:.1f}" for phase in seen.journal.recovery)
    actual = f"{seen.seconds:.1f} s ({split}) with {seen.journal.data_bytes / 1e6:.0f} MB on {seen.journal.medium}"
    if seen.seconds > minutes * MINUTE:
        slowest = max(seen.journal.recovery, key=lambda phase: phase.seconds)
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{what} served again after {seen.seconds / MINUTE:.1f} minutes, most of it {slowest.name}",
            hint=where(seen),
            evidence=evidence(seen),
        )
    if not data_bytes:
        return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))
    size = f"{data_bytes / GIGABYTE:g} GB"
    try:
        estimate = whole(seen.points, data_bytes, seconds=seen.seconds)
    except CannotExtrapolate as error:
        actual += f"; with {size} it {error}"
    else:
        actual += (
            f"; extrapolated to {size}, not tried: {estimate.low / MINUTE:.0f} to {estimate.high / MINUTE:.0f} min"
        )
        if estimate.low > minutes * MINUTE:
            return promise.unknown(
                f"with little data {what} serves again in time; with {size} it would take"
                f" {estimate.low / MINUTE:.0f} minutes or more, if time grows with size",
                expected=expected,
                actual=actual,
                hint="--scale tries it with more data; a physical backup is restored much sooner",
                evidence=evidence(seen),
            )
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))
