"""What rules on backups that were made need: those that they speak of, and what stands in the way of judging them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills.made import BackupsMade, Made

LAST_LINES = 3
"""Of what a command said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with one backup, and what to do."""

    run: Made
    what: str
    fix: str


def judged_runs(
    promise: Promise,
    seen: BackupsMade,
    acts: Sequence[str],
    flaws: Callable[[Made], Iterator[Flaw]],
    *,
    expected: str,
    says: Callable[[Made], str],
    applies: Callable[[Made], bool] = lambda _: True,
) -> Finding:
    """The finding over the acts (all, where none is named): `flaws` are what is wrong, `says` is the evidence of one.

    An act that did not work has nothing to judge: that is broken for whoever names it, and said once for all others.
    """
    runs = [run for run in seen.runs if not acts or run.act in acts]
    missing = [act for act in acts if seen.of(act) is None]
    if missing or not runs:
        why = seen.trouble or f"the runbook does not say how to {missing[0] if missing else 'back up anything'}"
        return promise.unknown(why, expected=expected)
    failed = next((run for run in runs if not run.works), None)
    found = [flaw for run in runs if run.works and applies(run) for flaw in flaws(run)]
    if failed is not None and acts and not found:
        return promise.broken(
            expected=expected,
            actual="no backup",
            message=failure_of(failed),
            hint="run it by hand on the host and read what it says",
            evidence=[story(run) for run in runs],
        )
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=f"{len({flaw.run.act for flaw in found})} of {len(runs)} backups not as expected",
            message=f"{found[0].run.act}: {found[0].what}{more}",
            hint=found[0].fix,
            evidence=[f"{flaw.run.act}: {flaw.what}" for flaw in found],
        )
    judged = [run for run in runs if run.works and applies(run)]
    if not judged:
        why = failure_of(failed) if failed is not None else "no backup is of a kind that this speaks of"
        return (
            promise.not_applicable(why) if promise.general and not failed else promise.unknown(why, expected=expected)
        )
    return promise.kept(
        expected=expected,
        actual="; ".join(says(run) for run in judged),
        evidence=[story(run) for run in runs],
    )


def failure_of(run: Made) -> str:
    """Why a backup did not work."""
    if run.code:
        words = " / ".join(line.strip() for line in run.output.strip().splitlines()[-LAST_LINES:])
        return f"{run.act}: `{run.command}` ended with {run.code}: {words or 'it said nothing'}"
    return f"{run.act}: `{run.command}` says that it worked, and left no backup"


def story(run: Made) -> str:
    """One backup in a line."""
    files = ", ".join(f"{piece.name} ({piece.bytes} bytes)" for piece in run.pieces)
    return f"{run.act}: {run.command} ended with {run.code} after {run.seconds:.1f} s and left {files or 'nothing'}"
