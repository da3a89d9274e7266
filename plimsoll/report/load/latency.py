"""How long requests took: moment by moment, and how many took how long, from the moment due and from sending."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.model.load import OPEN
from plimsoll.observations.load import LoadRun
from plimsoll.report.load.axes import Axis, logarithmic
from plimsoll.report.load.figures import (
    NAMES,
    SHARES,
    at_shares,
    clock,
    milliseconds,
    number,
    percent,
    stretches,
    together,
)
from plimsoll.report.load.plot import Line, Mark, Plot
from plimsoll.report.load.time import moments, places, shades, ticks
from plimsoll.statistics.histogram import Histogram

KINDS = ("half", "most", "nearly", "worst")
"""How the percentiles are drawn: the slower, the thinner and the more broken."""

POINTS = 120
"""Of a distribution, from the fastest to the slowest."""

NAMED = (0.0, 0.9, 0.99, 0.999, 0.9999, 0.99999)
"""Shares at the edge of a distribution."""

TELLING = 1.2
"""How much longer the open view has to be than the closed one to be spoken of."""

FURTHEST = 6
"""Nines that a distribution shows at most."""


def over_time(run: LoadRun, name: str, route: str, *, service: bool, axis: Axis) -> Plot:
    """Percentiles of the requests of each stretch that were answered well."""
    parts = stretches(run)
    figures = [at_shares(together(part.tallies(route), service=service), SHARES) for part in parts]
    view = "from sending" if service else "from the moment due"
    lines = [
        Line(kind=kind, name=words, values=values, said=[milliseconds(value) for value in values])
        for kind, words, values in zip(KINDS, NAMES, zip(*figures, strict=True), strict=True)
    ]
    return Plot(
        name=f"{name}-{'sent' if service else 'due'}",
        title=f"Latency over time, {view}",
        says=_worst(run, route, service=service),
        axis=axis,
        places=places(parts),
        moments=moments(parts),
        ticks=ticks(run),
        lines=lines,
        marks=[] if service and run.plan.model == OPEN else [_limit(limit) for limit in run.plan.limits],
        shades=shades(run),
        group=name.rpartition("-")[0],
    )


def spread(run: LoadRun, name: str, route: str, *, service: bool, axis: Axis) -> Plot:
    """The distribution over all judged seconds, with room for the slowest: each nine is as wide as the one before."""
    values = together(run.judged(*filter(None, [route])), service=service)
    nines = min(FURTHEST, max(1, math.ceil(math.log10(values.count or 1))))
    shares = [1 - 10 ** (-nines * n / POINTS) for n in range(POINTS)] + [1.0]
    figures = at_shares(values, shares)
    view = "closed view: from sending" if service else "open view: from the moment due"
    marks = [
        Mark(
            value=it.limit,
            label=f"{percent(1 - it.bad)} within {milliseconds(it.limit)}",
            until=_place(1 - it.bad, nines),
        )
        for it in run.plan.objectives
        if it.limit and (not it.routes or route in it.routes)
    ]
    return Plot(
        name=f"{name}-{'closed' if service else 'open'}",
        title=f"Distribution, {view}",
        says=f"{values.count:,} requests answered well: {figures_of(values)}.",
        axis=axis,
        places=[n / POINTS for n in range(POINTS + 1)],
        moments=[percent(share) for share in shares],
        ticks=[(_place(share, nines), percent(share)) for share in NAMED if _place(share, nines) <= 1],
        lines=[Line(kind="half", name="within", values=figures, said=[milliseconds(value) for value in figures])],
        marks=() if service and run.plan.model == OPEN else tuple(marks),
    )


def scale(run: LoadRun) -> Axis:
    """One scale for all pictures of latency, so that they can be held against each other."""
    histograms = [h for window in run.windows for tally in window.tallies for h in (tally.latency, tally.service)]
    ends = [end for histogram in histograms for end in (histogram.least, histogram.most) if end]
    return logarithmic([*ends, *run.plan.limits], milliseconds)


def figures_of(values: Histogram) -> str:
    """Its percentiles in one line."""
    found = at_shares(values, SHARES)
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in zip(NAMES, found, strict=True))


def beside(run: LoadRun, route: str) -> Sequence[tuple[str, str, str]]:
    """For each percentile what the open and the closed view say of it, over all judged seconds."""
    tallies = list(run.judged(*filter(None, [route])))
    shares = (*SHARES[:-1], 0.999, SHARES[-1])
    found = [at_shares(together(tallies, service=service), shares) for service in (False, True)]
    names = (*NAMES[:-1], "p99.9", NAMES[-1])
    return [(name, milliseconds(due), milliseconds(sent)) for name, due, sent in zip(names, *found, strict=True)]


def gap(run: LoadRun, route: str) -> str:
    """What the closed view hides: waiting that nobody counts who does not ask meanwhile."""
    if run.plan.model != OPEN:
        return "In the closed model nothing is due before the answer before it: there is no open view."
    due, sent = (
        at_shares(together(run.judged(*filter(None, [route])), service=it), (0.99,))[0] for it in (False, True)
    )
    if not due or not sent:
        return "No request was answered well in a judged second."
    words = f"p99 is {milliseconds(due)} from the moment due, and {milliseconds(sent)} from sending"
    hidden = f": {number(due / sent)} times as long" if due >= sent * TELLING else ": hardly anybody waited to be sent"
    return f"{words}{hidden}."


def _worst(run: LoadRun, route: str, *, service: bool) -> str:
    """What a look at the picture tells first: over all, and when it was worst."""
    whole = together(run.judged(*filter(None, [route])), service=service)
    parts = stretches(run)
    slowest = [(at_shares(together(part.tallies(route), service=service), (0.99,))[0] or 0, part) for part in parts]
    most = max(slowest, key=lambda each: each[0], default=None)
    when = f" It was worst at {clock(most[1].first)}: p99 {milliseconds(most[0])}." if most and most[0] else ""
    return f"In all judged seconds: {figures_of(whole)}.{when}"


def _limit(limit: int) -> Mark:
    return Mark(value=limit, label=f"limit {milliseconds(limit)}")


def _place(share: float, nines: int) -> float:
    """Where a share is, when each nine is as wide as the one before."""
    return -math.log10(max(1 - share, 10.0**-nines / 10)) / nines
