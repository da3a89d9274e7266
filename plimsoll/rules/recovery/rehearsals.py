"""Whether recoveries are rehearsed as often as was promised, by what is known of earlier drills."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import History, Rehearsal

__all__ = ["restores_rehearsed"]

SHOWN = 12
"""Rehearsals that are shown as evidence: a year of monthly ones."""

HINT = "run the drills on a schedule and carry reports/history.jsonl over from run to run; docs/drills.md says how"


def restores_rehearsed(promise: Promise, history: History, *, at_least_every_days: int, drill: str = "") -> Finding:
    """A recovery is rehearsed, and succeeds, at least so often: this run's counts, and those of the last year.

    `drill` is whose rehearsals count, by the name in its journal (`dump`, `whole system`); without it those of any
    recovery. A rehearsal succeeds when all came back as it had been. Before the oldest known one nothing is known, and
    nothing is held against anybody.
    """
    expected = f"a successful rehearsal{f' of {drill!r}' if drill else ''} every {at_least_every_days} days"
    ours = [each for each in history.rehearsals if (each.drill == drill if drill else each.rto is not None)]
    if not ours:
        known = ", ".join(sorted({each.drill for each in history.rehearsals}))
        return promise.unknown(
            f"no rehearsal of {drill or 'a recovery'} is known{f', only of {known}' if known else ''}",
            expected=expected,
            hint="tox -e drill rehearses it",
        )
    good = [each for each in ours if each.good]
    evidence = [*(f"line {number} of the history {why}" for number, why in history.unread), *map(_told, ours[-SHOWN:])]
    if not good:
        return promise.broken(
            expected=expected,
            actual="no successful one",
            message=f"none of {len(ours)} rehearsals succeeded; the newest was {_told(ours[-1])}",
            hint="the report of that run shows what did not come back",
            evidence=evidence,
        )
    age = history.age(good[-1])
    actual = f"{len(good)} since {good[0].at:%Y-%m-%d}, the newest {_ago(age)}"
    if age > at_least_every_days:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the newest successful rehearsal is {age} days old: {_told(good[-1])}",
            hint=HINT,
            evidence=evidence,
        )
    missed = history.gaps(good, at_least_every_days)
    if missed:
        before, after = max(missed, key=lambda pair: pair[1].at - pair[0].at)
        more = f"; {len(missed) - 1} more such gaps" if len(missed) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"no rehearsal succeeded for {(after.at - before.at).days} days, from {before.at:%Y-%m-%d} to "
            f"{after.at:%Y-%m-%d}{more}",
            hint=HINT,
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _ago(days: int) -> str:
    return "today" if days <= 0 else f"{days} {'day' if days == 1 else 'days'} ago"


def _told(it: Rehearsal) -> str:
    took = f", served again after {it.rto:.1f} s" if it.rto is not None and it.good else ""
    lost = f", {it.rpo_rows} rows lost" if it.rpo_rows is not None else ""
    what = "all came back" if it.good else "not all came back"
    return f"{it.at:%Y-%m-%d %H:%M} {it.drill} on {it.stack}: {what}{took}{lost}"
