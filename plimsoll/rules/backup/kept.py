"""What retention kept and deleted when it ran among backups of made-up ages, and who noticed a stale one."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Schedules
from plimsoll.observations.drills import Attempt
from plimsoll.observations.drills.kept import FAILS, HERE, THERE, Aged, FreshnessTrials, RetentionRun, RetentionRuns
from plimsoll.rules.recovery.gaps import SECONDS_PER_HOUR, duration, worst_gap_of

__all__ = [
    "backup_fresh",
    "failed_backup_prunes_nothing",
    "retention_exact",
    "retention_leaves_others",
    "stale_backup_noticed",
]

A_DAY = 1
"""What `find -mtime +N` and a nightly run add: a backup of N days and some hours may stay for one more."""


def retention_exact(promise: Promise, seen: RetentionRuns, *, act: str, days: int = 0, remote_days: int = 0) -> Finding:
    """Run among backups of all ages, the retention keeps the young ones and deletes the old, here and off the host.

    What is younger than `days` (`remote_days` for copies off the host) stays, what is a day older than that goes; in
    between is what rounding to whole days decides. Nothing is said of a place whose days are 0.
    """
    stated = {HERE: days, THERE: remote_days}
    expected = " and ".join(f"{limit} days {place}" for place, limit in stated.items() if limit)
    run = seen.of(act)
    if run is None:
        return promise.unknown(seen.trouble or f"the runbook does not say how to {act}", expected=expected)
    if run.code or not run.made:
        return promise.unknown(f"{act} made no backup, so its retention did not run: {_last(run)}", expected=expected)
    wrong, judged = list[str](), list[Aged]()
    for place, limit in stated.items():
        there = [aged for aged in run.aged if aged.own and aged.place == place] if limit else []
        young, old = [a for a in there if a.days < limit], [a for a in there if a.days > limit + A_DAY]
        if limit and not (young and old):
            return promise.unknown(f"no backup of {limit} days could be put {place}", expected=expected)
        judged += young + old
        wrong += [
            f"{a.name} is deleted {place} at an age of {_age(a)}, and {limit} days are promised" for a in _gone(young)
        ]
        wrong += [f"{a.name} stays {place} at an age of {_age(a)}, and {limit} days are promised" for a in _kept(old)]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=f"{len(wrong)} of {len(judged)} not as promised",
            message=f"{act}: {wrong[0]}{more}",
            hint="find … -name 'NAME_*' -mtime +DAYS -delete; of copies elsewhere, compare the date in the name",
            evidence=[*wrong, *map(_told, run.aged)],
        )
    actual = f"{len(_kept(judged))} kept and {len(_gone(judged))} deleted"
    return promise.kept(expected=expected, actual=actual, evidence=[_told(aged) for aged in run.aged])


def retention_leaves_others(promise: Promise, seen: RetentionRuns) -> Finding:
    """Retention deletes nothing that it did not make, however old it is and however alike its name looks."""
    expected = "what is not its own stays"
    runs = [run for run in seen.runs if any(not aged.own for aged in run.aged)]
    if not runs:
        return promise.unknown(seen.trouble or "no retention ran beside the files of others", expected=expected)
    gone = [(run, aged) for run in runs for aged in _gone([a for a in run.aged if not a.own])]
    if gone:
        run, aged = gone[0]
        return promise.broken(
            expected=expected,
            actual=f"{len(gone)} gone",
            message=f"{run.act} deletes {aged.name} {aged.place}, which it has not made",
            hint="a name that only its own backups have: -maxdepth 1 -type f -name 'NAME_*.sql.gz'",
            evidence=[f"{run.act}: {_told(aged)}" for run, aged in gone],
        )
    count = sum(not aged.own for run in runs for aged in run.aged)
    return promise.kept(expected=expected, actual=f"all {count} stay", evidence=[_story(run) for run in runs])


def failed_backup_prunes_nothing(promise: Promise, seen: RetentionRuns) -> Finding:
    """A run that could make no backup fails, and deletes none: the last good one is never the one that goes."""
    expected = "a failed backup that deletes nothing"
    runs = [run for run in seen.runs if run.case == FAILS]
    if not runs:
        return promise.unknown(seen.trouble or "no backup could be made to fail", expected=expected)
    evidence = [_story(run) for run in runs]
    for run in runs:
        gone = _gone(run.aged)
        if gone:
            left = "none is left" if not any(a.kept and a.own for a in run.aged) else f"{gone[0].name} is gone"
            return promise.broken(
                expected=expected,
                actual=f"{len(gone)} of {len(run.aged)} deleted",
                message=f"{run.act} could not make a backup and deleted {len(gone)} old ones all the same: {left}",
                hint="set -euo pipefail, and prune at the very end",
                evidence=[*evidence, *map(_told, gone)],
            )
        if run.code == 0:
            return promise.broken(
                expected=expected,
                actual="it says that it worked",
                message=f"{run.act} says that it worked when its tools failed: {_last(run)}",
                hint="set -euo pipefail, and check what was written",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=f"{len(runs)} failed, and deleted nothing", evidence=evidence)


def backup_fresh(
    promise: Promise,
    seen: FreshnessTrials,
    schedules: Schedules | None,
    *,
    act: str = "backup-database",
    hours: float = 0.0,
    script: str = "",
) -> Finding:
    """The newest backup is never older than what may be lost: as it lies there, and by the worst gap of its schedule.

    `hours` is what may be lost, what the deployment's settings say (RPO_HOURS) where it is 0. The backup's own duration
    counts: what it holds is as old as its beginning. `script` is what schedules run, where that is not the act's own.
    """
    stated = hours or seen.hours
    expected = f"a backup no older than {stated:g} h"
    newest = next((each for each in seen.newest if each.act == act), None)
    if newest is None or not stated:
        why = seen.trouble or (
            f"{act} left no backup that could be looked at" if newest is None else "no RPO is stated"
        )
        return promise.unknown(why, expected=expected)
    limit = stated * SECONDS_PER_HOUR + newest.seconds
    if newest.age > limit:
        return promise.broken(
            expected=expected,
            actual=duration(newest.age),
            message=f"the newest backup, {newest.path}, is {duration(newest.age)} old, and {stated:g} h may be lost",
            hint=f"run {act}, and find out why nothing did",
        )
    actual = f"{duration(newest.age)} old, made in {newest.seconds:.1f} s"
    gap = worst_gap_of(schedules, script or newest.script) if schedules is not None else None
    if gap is None or (gap.trouble and not script):
        return promise.kept(expected=expected, actual=actual, evidence=[newest.path])
    if gap.trouble or gap.seconds > limit:
        return promise.broken(
            expected=expected,
            actual=str(gap),
            message=f"{act} leaves a backup, and is not run often enough: {gap}",
            hint=f"a schedule with no gap above {stated:g} h",
            evidence=[str(line) for line in gap.lines],
        )
    return promise.kept(expected=expected, actual=f"{actual}; at most {gap}", evidence=[newest.path])


def stale_backup_noticed(promise: Promise, seen: FreshnessTrials) -> Finding:
    """The deployment's own check says so aloud when the newest backup is too old, empty, half or not there."""
    expected = "a check that fails, and tells, without a fresh backup"
    if not seen.attempts or seen.trouble:
        return promise.unknown(seen.trouble or "nothing was checked", expected=expected)
    control, *trials = seen.attempts
    evidence = [f"{each.name}: `{each.command}` ended with {each.code}" for each in seen.attempts]
    if control.code:
        return promise.broken(
            expected=expected,
            actual="it fails with fresh backups, too",
            message=f"`{control.command}` fails although every backup is fresh: {_words(control)}",
            hint="a check that cries every day is heard by nobody",
            evidence=evidence,
        )
    for trial, what, fix in _unnoticed(trials):
        return promise.broken(
            expected=expected,
            actual=f"{trial.name}: {what}",
            message=f"`{trial.command}` {what} with {trial.name}",
            hint=fix,
            evidence=evidence,
        )
    if not trials:
        return promise.unknown("nothing stale was shown to it", expected=expected)
    return promise.kept(expected=expected, actual=", ".join(each.name for each in trials), evidence=evidence)


def _unnoticed(trials: list[Attempt]) -> Iterator[tuple[Attempt, str, str]]:
    for trial in trials:
        if trial.code == 0:
            yield trial, "says that all is well", "compare the age of the newest backup with what may be lost"
        elif not trial.told:
            yield trial, "fails, and tells nobody", "notify when it fails"


def _gone(aged: tuple[Aged, ...] | list[Aged]) -> list[Aged]:
    return [each for each in aged if not each.kept]


def _kept(aged: list[Aged]) -> list[Aged]:
    return [each for each in aged if each.kept]


def _age(aged: Aged) -> str:
    days, hours = divmod(round(aged.days * 24), 24)
    return f"{days} days{f' and {hours} h' if hours else ''}"


def _told(aged: Aged) -> str:
    return f"{aged.name}, {aged.place}, {_age(aged)} old: {'kept' if aged.kept else 'deleted'}"


def _story(run: RetentionRun) -> str:
    return f"{run.act} ({run.case}): {run.command} ended with {run.code}"


def _last(run: RetentionRun) -> str:
    words = run.output.strip().splitlines()
    return words[-1] if words else "it said nothing"


def _words(attempt: Attempt) -> str:
    words = attempt.output.strip().splitlines()
    return words[-1] if words else "it said nothing"
