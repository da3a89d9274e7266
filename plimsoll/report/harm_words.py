"""What faults did to clients, in plain words: which healed, how long that took, what failed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.observations.drills.served import Harm, Served
from plimsoll.report.served_words import alarms, failures, remains, why
from plimsoll.report.words import duration


def harms_told(it: Served) -> Iterator[str]:
    """The sentences: which faults healed by themselves, which did not, the worst of them, rows and jobs."""
    there = [harm for harm in it.faults if harm.landed]
    healed = [harm for harm in there if harm.healed]
    yield (
        f"{len(it.faults)} faults were tried, and {len(there)} of them were there; after {len(healed)} clients "
        f"were all served well again without an operator."
    )
    for harm in it.faults:
        if amiss := _amiss(harm):
            yield f"{harm.name}: {amiss}."
    if healed:
        slowest = max(healed, key=_healing)
        yield f"The longest until all was well again took {slowest.name}, {duration(_healing(slowest))} after its end."
    if there:
        yield from _failures(there)
    yield from remains(it)
    for name, reason in it.skipped.items():
        yield f"Not tried: {name}, {reason}."


def harms_in_brief(it: Served) -> str:
    """The same in one line: what is wrong first, then how many healed, how fast, and how many requests failed."""
    there = [harm for harm in it.faults if harm.landed]
    bad = ", ".join(harm.name for harm in it.faults if not harm.good)
    said = f"{sum(harm.good for harm in it.faults)} of {len(it.faults)} faults healed{f', not {bad}' if bad else ''}"
    healed = [harm for harm in there if harm.healed]
    slowest = max(healed, key=_healing, default=None)
    took = f", the slowest after {duration(_healing(slowest))} ({slowest.name})" if slowest else ""
    return "; ".join([*alarms(it), f"{said}{took}, {failures(there)}"])


def _healing(harm: Harm) -> float:
    return max(harm.healed - harm.ended, 0.0)


def _amiss(harm: Harm) -> str:
    if not harm.landed:
        return f"it is not known that the fault was there{f': {harm.trouble}' if harm.trouble else ''}"
    if not harm.healed:
        return "clients were not all well afterwards, and an operator had to help"
    return harm.trouble


def _failures(there: list[Harm]) -> Iterator[str]:
    worst, silent = max(there, key=lambda harm: harm.failed), max(there, key=lambda harm: harm.silence)
    unharmed = [harm.name for harm in there if not harm.failed]
    most = f", most of them with {worst.name}: {worst.failed:,} of {worst.asked:,}{why(worst)}" if worst.failed else ""
    yield f"{failures(there)}{most}."
    if unharmed and worst.failed:
        yield f"None failed with {', '.join(unharmed)}."
    yield f"The longest wait for a good answer was {duration(silent.silence)}, with {silent.name}."
