"""How long requests took: moment by moment, and how many took how long, from the moment due and from sending."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.model.load import OPEN
from plimsoll.observations.load import LoadRun, Tally
from plimsoll.report.load.axes import Axis, logarithmic
from plimsoll.report.load.figures import (
    NAMES,
    SHARES,
    at_shares,
    clock,
    kinds,
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

P99 = SHARES.index(0.99)

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
    lines = [
        Line(kind=kind, name=words, values=values, said=[milliseconds(value) for value in values])
        for kind, words, values in zip(KINDS, NAMES, zip(*figures, strict=True), strict=True)
    ]
    return Plot(
        name=f"{name}-{'sent' if service else 'due'}",
        title=f"Latency over time, {_view(service=service)}",
        says=_said(run, route, figures, service=service),
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
    values = together(_judged(run, route), service=service)
    nines = min(FURTHEST, max(1, math.ceil(math.log10(values.count or 1))))
    shares = [1 - 10 ** (-nines * n / POINTS) for n in range(POINTS)] + [1.0]
    figures = at_shares(values, shares)
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
        title=f"Distribution, {_view(service=service)}",
        says=f"{values.count:,} requests: {figures_of(values)}.",
        axis=axis,
        places=[n / POINTS for n in range(POINTS + 1)],
        moments=[percent(share) for share in shares],
        ticks=[(_place(share, nines), percent(share)) for share in NAMED if _place(share, nines) <= 1],
        lines=[Line(kind="half", name="", values=figures, said=[milliseconds(value) for value in figures])],
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
    tallies = _judged(run, route)
    shares = (*SHARES[:-1], 0.999, SHARES[-1])
    found = [at_shares(together(tallies, service=service), shares) for service in (False, True)]
    names = (*NAMES[:-1], "p99.9", NAMES[-1])
    return [(name, milliseconds(due), milliseconds(sent)) for name, due, sent in zip(names, *found, strict=True)]


def gap(run: LoadRun, route: str) -> str:
    """What the closed view hides: waiting that nobody counts who does not ask meanwhile."""
    if run.plan.model != OPEN:
        return "In the closed model nothing is due before the answer before it: there is no open view."
    tallies = _judged(run, route)
    due, sent = (at_shares(together(tallies, service=service), (0.99,))[0] for service in (False, True))
    if not due or not sent:
        return "No request was answered well in a judged second."
    words = f"p99 is {milliseconds(due)} from the moment due, and {milliseconds(sent)} from sending"
    hidden = f": {number(due / sent)} times as long" if due >= sent * TELLING else ": hardly anybody waited to be sent"
    failed = " Times from sending are also those of requests that failed." if kinds(tallies) else ""
    return f"{words}{hidden}.{failed}"


def _said(run: LoadRun, route: str, figures: Sequence[Sequence[int | None]], *, service: bool) -> str:
    """What a look at the picture tells first: over all, and when it was worst."""
    whole = figures_of(together(_judged(run, route), service=service))
    worst = max(range(len(figures)), key=lambda n: figures[n][P99] or 0)
    when = clock(stretches(run)[worst].first)
    return f"In all judged seconds: {whole}. It was worst at {when}: p99 {milliseconds(figures[worst][P99])}."


def _judged(run: LoadRun, route: str) -> list[Tally]:
    """The judged tallies of a route, or of all."""
    return list(run.judged(route) if route else run.judged())


def _view(*, service: bool) -> str:
    return "closed view: from sending" if service else "open view: from the moment due"


def _limit(limit: int) -> Mark:
    return Mark(value=limit, label=f"limit {milliseconds(limit)}")


def _place(share: float, nines: int) -> float:
    """Where a share is, when each nine is as wide as the one before."""
    return max(0.0, -math.log10(max(1 - share, 10.0**-nines / 10)) / nines)
