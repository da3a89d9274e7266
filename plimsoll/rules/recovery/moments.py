"""Whether a database comes back to a chosen moment: all that was before it, nothing of what came after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Schedules
from plimsoll.observations.drills import MomentRecovery
from plimsoll.rules.recovery.gaps import SECONDS_PER_MINUTE, duration, worst_gap_of
from plimsoll.rules.recovery.stories import evidence, trouble_of, where

__all__ = ["archive_goes_on", "log_loss_bounded", "log_replayed", "moment_comes_back_whole", "moment_reached"]

SHOWN = 5
MISTAKEN = "the mistake came back as well: what is missing may be lost to it, or to the recovery"

SHIP = "backup-incremental"
"""The act that takes the archived log off the server's machine."""


def moment_reached(promise: Promise, seen: MomentRecovery) -> Finding:
    """A restore to a chosen moment brings back every row confirmed before it, and none that was written after it."""
    expected = "every row confirmed before the moment, and no later one"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    assert seen.loss is not None  # noqa: S101 - else nothing came back
    before = [w for w in seen.testimony.acknowledged if (w.acked or 0.0) < seen.moment]
    after = [w for w in seen.testimony.writes if w.sent > seen.moment]
    if not before or not after:
        return promise.unknown("nothing was written before the moment, or nothing after it", expected=expected)
    if finding := _beyond(promise, seen, expected):
        return finding
    if seen.loss.missing:
        return promise.broken(
            expected=expected,
            actual=f"{len(seen.loss.missing)} rows are missing",
            message=f"rows are missing that were confirmed before {seen.said}: {_numbers(seen.loss.missing)}",
            hint="what is archived was not played up to the moment: restore_command, or a gap in the archive",
            evidence=evidence(seen),
        )
    actual = f"all {len(before)} rows before {seen.said} are there, none of {len(after)} later ones"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def log_replayed(promise: Promise, seen: MomentRecovery) -> Finding:
    """What was written after the base backup comes back from the archived log, on a timeline of its own."""
    expected = "rows written after the base backup, on a new timeline"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    if seen.mistaken:
        return promise.unknown(MISTAKEN, expected=expected, hint=where(seen))
    if seen.unplayed:
        return promise.broken(
            expected=expected,
            actual=f"{len(seen.unplayed)} of {len(seen.unplayed) + len(seen.replayed)} such rows are missing",
            message=f"rows written after the base backup and before {seen.said} are lost: {_numbers(seen.unplayed)}",
            hint="the log was not played: recovery.signal, restore_command, and an archive without a gap",
            evidence=evidence(seen),
        )
    if not seen.replayed:
        return promise.unknown("no row was written between the base backup and the moment", expected=expected)
    old, new = seen.timelines
    if new <= old:
        return promise.broken(
            expected=expected,
            actual=f"timeline {new}, as before",
            message=f"the server goes on with timeline {new}: it archives over the log of what it was restored from",
            hint="recovery.signal, and a server that promotes itself at the target",
            evidence=evidence(seen),
        )
    actual = f"{len(seen.replayed)} such rows are back; timeline {old} became {new}"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def moment_comes_back_whole(promise: Promise, seen: MomentRecovery, *, but: tuple[str, ...] = ()) -> Finding:
    """At the moment the database holds what it held then: rows, constraints, indexes, roles, rights, large objects.

    `but` are kinds (role, setting) that are made elsewhere.
    """
    expected = "the database as it was at the moment"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    if not seen.before.amount:
        return promise.unknown("nothing had been counted before", expected=expected)
    changed = [each for each in seen.changed if each.what.partition(" ")[0] not in but]
    if changed or seen.lagging:
        first = str(changed[0]) if changed else f"{seen.lagging[0]}: the next row collides"
        more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=f"{len(changed)} differences",
            message=f"the database is not as it was at {seen.said}: {first}{more}",
            hint=where(seen),
            evidence=[*map(str, changed), *seen.lagging, *evidence(seen)],
        )
    actual = f"{seen.before.amount} things counted then and now, no difference; undone: {seen.damage}"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def archive_goes_on(promise: Promise, seen: MomentRecovery) -> Finding:
    """A recovered server takes new rows and archives its log again: the next recovery needs it."""
    expected = "new rows, and an archived log of them"
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    trouble = "" if seen.writes_again else "the recovered server takes no new rows"
    if not trouble and not seen.archives_again:
        trouble = "the recovered server archives nothing: what it writes from now on cannot be restored"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=trouble,
            message=trouble,
            hint="archive_mode and archive_command must outlive the recovery, and the archive take a new timeline",
            evidence=evidence(seen),
        )
    return promise.kept(expected=expected, actual=f"timeline {seen.timelines[1]} is archived", evidence=evidence(seen))


def log_loss_bounded(
    promise: Promise, seen: MomentRecovery, schedules: Schedules, *, minutes: float, script: str = ""
) -> Finding:
    """The database never loses more than that: measured to the row, and bounded by how often its log is archived.

    In a drill of seconds any bound holds, so what counts is computed: how long the live server leaves a segment of its
    log open (archive_timeout) and how long archiving one took; and, where `script` is what schedules run to take the
    archive off the server's machine, the worst gap between two runs of it, and how long one took.
    """
    expected = f"at most {minutes:g} minutes lost"
    limit = minutes * SECONDS_PER_MINUTE
    if finding := _nothing_came_back(promise, seen, expected):
        return finding
    if seen.mistaken:
        return promise.unknown(MISTAKEN, expected=expected, hint=where(seen))
    bounds = [*_on_machine(seen), *(_off_machine(seen, schedules, script) if script else ())]
    lost = seen.loss.missing if seen.loss else ()
    trouble = f"rows confirmed before {seen.said} are lost: {_numbers(lost)}" if lost else ""
    for what, seconds in bounds:
        if not trouble and (seconds is None or seconds > limit):
            trouble = (
                what if seconds is None else f"{what}: up to {duration(seconds)} are lost, beyond {minutes:g} minutes"
            )
    told = [what if seconds is None else f"{what}: {duration(seconds)}" for what, seconds in bounds]
    actual = "; ".join(told)
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=trouble,
            hint="archive_timeout below it, and what takes the archive away as often",
            evidence=[*told, *evidence(seen)],
        )
    actual = f"every row before the moment is back; computed, if only the machine is lost: {actual}"
    return promise.kept(expected=expected, actual=actual, evidence=evidence(seen))


def _on_machine(seen: MomentRecovery) -> Iterator[tuple[str, float | None]]:
    """What is lost with the server's data at most, in seconds; None for no bound."""
    if not seen.archiving:
        yield "the server archives nothing (archive_mode, archive_command)", None
    elif not seen.archive_timeout:
        yield "without archive_timeout a segment of the log is archived when it is full, whenever that is", None
    else:
        yield (
            f"archive_timeout {duration(seen.archive_timeout)} and {seen.archived_in:.1f} s to archive",
            seen.archive_timeout + seen.archived_in,
        )


def _off_machine(seen: MomentRecovery, schedules: Schedules, script: str) -> Iterator[tuple[str, float | None]]:
    """What is lost with the server's whole machine at most, in seconds; None for no bound."""
    gap = worst_gap_of(schedules, script)
    if gap.trouble:
        yield gap.trouble, None
    elif seen.shipped_in is None:
        yield f"{SHIP} failed, or the runbook does not have it", None
    else:
        waits = 0.0 if seen.ships_all else seen.archive_timeout + seen.archived_in
        yield f"{script} leaves {gap}", gap.seconds + seen.shipped_in + waits


def _nothing_came_back(promise: Promise, seen: MomentRecovery, expected: str) -> Finding | None:
    """The finding where there is nothing to compare; None where there is, though the application may not be well."""
    if seen.loss is not None:
        return None
    return promise.broken(
        expected=expected,
        actual="the database did not come back",
        message=f"the database was not put back to {seen.said or 'a moment'}: {trouble_of(seen) or 'nobody counted'}",
        hint=where(seen),
        evidence=evidence(seen),
    )


def _beyond(promise: Promise, seen: MomentRecovery, expected: str) -> Finding | None:
    """The finding where the log was played too far; None where it was not."""
    if not seen.mistaken and not seen.later:
        return None
    what = "the mistake" if seen.mistaken else f"rows {_numbers(seen.later)}"
    return promise.broken(
        expected=expected,
        actual=f"{what} of later",
        message=f"the log was played beyond {seen.said}: {what} came back as well",
        hint="recovery_target_time has to reach the server: in postgresql.auto.conf, with its time zone",
        evidence=evidence(seen),
    )


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN]))
    return f"{shown}, …" if len(numbers) > SHOWN else shown
