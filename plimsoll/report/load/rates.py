"""What was asked and what came back, second by second: journeys due and begun, requests answered well, and failures."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model.load import OPEN
from plimsoll.observations.load import LoadRun
from plimsoll.report.load.axes import linear
from plimsoll.report.load.figures import Stretch, clock, kinds, number, stretches
from plimsoll.report.load.plot import Line, Plot
from plimsoll.report.load.time import moments, places, shades, ticks

SHOWN = 5
"""Kinds of failure that are drawn apart, the most frequent ones; the others are drawn as one."""

OTHERS = "other failures"


def rates(run: LoadRun, name: str) -> Plot:
    """Journeys due and begun, and requests asked and answered well, each second."""
    parts = stretches(run)
    due = [_each(part, sum(window.due for window in part.windows)) for part in parts]
    begun = [_each(part, sum(window.begun for window in part.windows)) for part in parts]
    asked = [_each(part, sum(tally.asked for tally in part.tallies())) for part in parts]
    good = [_each(part, sum(tally.good for tally in part.tallies())) for part in parts]
    many = {
        "journeys begun": ("half", begun),
        "requests due": ("asked", asked),
        "of them answered well": ("good", good),
    }
    if run.plan.model == OPEN:
        many = {"journeys due": ("nearly", due), **many}
    return Plot(
        name=f"{name}-rates",
        title="Offered and achieved, each second",
        says=f"{said_rates(run)} The lowest rate of good answers was {_lowest(parts, good)}.",
        axis=linear([value for _, values in many.values() for value in values if value], number),
        places=places(parts),
        moments=moments(parts),
        ticks=ticks(run),
        lines=[
            Line(kind=kind, name=words, values=values, said=[_said(value) for value in values])
            for words, (kind, values) in many.items()
        ],
        shades=shades(run),
        group=name,
    )


def errors(run: LoadRun, name: str) -> Plot | None:
    """Requests that failed each second, by what was wrong with them; None where all were answered well."""
    parts = stretches(run)
    every = kinds(tally for part in parts for tally in part.tallies())
    if not every:
        return None
    shown = [kind for kind, _ in every.most_common(SHOWN)]
    names = [*shown, OTHERS] if len(every) > SHOWN else shown
    counts = [_by_kind(part, shown) for part in parts]
    base, lines = [0.0] * len(parts), list[Line]()
    for place, kind in enumerate(names):
        values = [each.get(kind, 0.0) for each in counts]
        lines.append(Line(kind=f"kind-{place}", name=kind, values=values, said=list(map(_said, values)), base=base))
        base = [low + value for low, value in zip(base, values, strict=True)]
    worst = max(range(len(parts)), key=lambda n: base[n])
    most = f"Most at {clock(parts[worst].first)}: {number(base[worst])} a second."
    listed = ", ".join(f"{count:,} {kind}" for kind, count in every.most_common(SHOWN))
    return Plot(
        name=f"{name}-errors",
        title="Requests that failed, each second",
        says=f"{sum(every.values()):,} requests failed: {listed}. {most}",
        axis=linear(base, number),
        places=places(parts),
        moments=moments(parts),
        ticks=ticks(run),
        lines=lines,
        shades=shades(run),
        group=name,
    )


def said_rates(run: LoadRun) -> str:
    """The rate asked and achieved in judged seconds, in words."""
    judged = [window for window in run.windows if window.judged]
    if not judged:
        return "No second was judged."
    seconds = len(judged)
    due, begun = sum(window.due for window in judged) / seconds, sum(window.begun for window in judged) / seconds
    requests = run.amount / seconds
    good = sum(tally.good for tally in run.judged()) / seconds
    came = f", which are {number(requests)} requests; {number(good)} of them were answered well"
    if run.plan.model != OPEN:
        return f"{number(begun)} journeys began each second{came}."
    return f"Of {number(due)} journeys due each second {number(begun)} began{came}."


def _by_kind(part: Stretch, shown: Sequence[str]) -> dict[str, float]:
    found = dict[str, float]()
    for kind, count in kinds(part.tallies()).items():
        name = kind if kind in shown else OTHERS
        found[name] = found.get(name, 0.0) + count / part.seconds
    return found


def _each(part: Stretch, count: int) -> float | None:
    return count / part.seconds if part.windows else None


def _said(value: float | None) -> str:
    return "none" if value is None else number(value)


def _lowest(parts: Sequence[Stretch], values: Sequence[float | None]) -> str:
    found = [(value, part) for value, part in zip(values, parts, strict=True) if value is not None]
    if not found:
        return "never known"
    value, part = min(found, key=lambda each: each[0])
    return f"{number(value)} at {clock(part.first)}"
