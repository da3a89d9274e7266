"""A run of load beside its objectives: what it says of each, and whether it says anything at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from plimsoll.model.load import Objective
from plimsoll.observations.load import Decision, LoadRecord, LoadRun, Tally
from plimsoll.rules.slo.events import judgement
from plimsoll.rules.slo.soundness import unsound


def recorded(seen: LoadRun, *, promises: Sequence[str], name: str = "gate") -> LoadRecord:
    """The run with what it decides, for a report; `promises` are those that were judged by it."""
    return LoadRecord(
        run=seen, name=name, promises=tuple(promises), decisions=tuple(_decisions(seen)), void=unsound(seen)
    )


def _decisions(seen: LoadRun) -> Iterator[Decision]:
    """Of each objective that the run counted what it says; no share can be judged at a limit of zero."""
    for objective in seen.plan.objectives:
        if objective.bad and (not objective.limit or objective.limit in seen.plan.limits):
            bad = partial(bad_of, objective=objective)
            yield Decision(objective=objective, judgement=judgement(seen, bad, objective.bad, objective.routes))


def bad_of(tally: Tally, objective: Objective) -> int:
    """How many of these requests are bad by that objective."""
    failed = sum(n for kind, n in tally.bad.items() if not objective.classes or kind.startswith(objective.classes))
    return failed + (tally.good - tally.within.get(objective.limit, 0) if objective.limit else 0)
