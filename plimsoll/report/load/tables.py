"""The figures of a run of load as tables: whoever sees no pictures, or wants the number, has them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from plimsoll.observations.load import LoadRun
from plimsoll.report.load.figures import (
    NAMES,
    ROWS,
    SHARES,
    at_shares,
    kinds,
    milliseconds,
    number,
    percent,
    stretches,
    together,
)
from plimsoll.report.load.health import of_worker
from plimsoll.report.load.latency import beside
from plimsoll.report.load.plot import Plot
from plimsoll.report.words import escaped

FEW = 3
"""Columns that any window has room for."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the row; where there is no room for many columns, each row is a list."""
    kind = "figures numbers" if len(heads) > FEW else "numbers"
    top = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escaped(row[0])}</th>'
        + "".join(
            f'<td data-head="{escaped(head)}">{escaped(cell)}</td>'
            for head, cell in zip(heads[1:], row[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def over_time(run: LoadRun, route: str, *, service: bool) -> str:
    """Percentiles by stretches of time, fewer than the picture has."""
    rows = []
    for part in stretches(run, ROWS):
        values = together(part.tallies(route), service=service)
        rows.append((part.words, f"{values.count:,}", *map(milliseconds, at_shares(values, SHARES))))
    return table(("Time", "Requests", *NAMES), rows)


def spread(run: LoadRun, route: str) -> str:
    """Percentiles over all, in the open view and in the closed one."""
    return table(("Percentile", "From the moment due", "From sending"), beside(run, route))


def rates(run: LoadRun) -> str:
    """What was asked, and what came back, each second."""
    rows = []
    for part in stretches(run, ROWS):
        tallies = part.tallies()
        counts = (
            sum(window.due for window in part.windows),
            sum(window.begun for window in part.windows),
            sum(tally.asked for tally in tallies),
            sum(tally.good for tally in tallies),
        )
        rows.append((part.words, *(number(count / part.seconds) for count in counts)))
    return table(("Time", "Journeys due", "Journeys begun", "Requests due", "Answered well"), rows)


def errors(run: LoadRun) -> str:
    """How many requests failed, by what was wrong with them; only where any did."""
    every = [kind for kind, _ in kinds(tally for window in run.windows for tally in window.tallies).most_common()]
    rows = []
    for part in stretches(run, ROWS):
        found = kinds(part.tallies())
        if found:
            rows.append((part.words, *(f"{found[kind]:,}" for kind in every)))
    return table(("Time", *every), rows)


def sampled(plot: Plot) -> str:
    """What a picture's lines say, at some of its places."""
    step = max(1, -(-len(plot.moments) // ROWS))
    rows = [(plot.moments[n], *(line.said[n] for line in plot.lines)) for n in range(0, len(plot.moments), step)]
    return table(("Time", *(line.name for line in plot.lines)), rows)


def workers(run: LoadRun) -> str:
    """How late and how busy each worker was."""
    heads = (
        "Worker",
        "Late, p50",
        "Late, p99",
        "Late at most",
        "Core, as a rule",
        "Core, at most",
        "Sockets",
        "Collecting",
    )
    return table(heads, map(of_worker, run.generators))


def routes(run: LoadRun) -> str:
    """Each route with what became of it in judged seconds."""
    heads = ("Route", "Requests", "Answered well", *(f"Within {milliseconds(limit)}" for limit in run.plan.limits))
    return table((*heads, *NAMES, "What failed"), _routes(run))


def _routes(run: LoadRun) -> Iterator[Sequence[str]]:
    for name, names in (("all routes", run.routes), *((route, (route,)) for route in run.routes)):
        tallies = list(run.judged(*names))
        asked, good = sum(tally.asked for tally in tallies), sum(tally.good for tally in tallies)
        if not asked:
            continue
        within = (sum(tally.within.get(limit, 0) for tally in tallies) for limit in run.plan.limits)
        failed = ", ".join(f"{count:,} {kind}" for kind, count in kinds(tallies).most_common()) or "none"
        figures = map(milliseconds, at_shares(together(tallies), SHARES))
        shares = (percent(count / asked) for count in within)
        yield name, f"{asked:,}", percent(good / asked), *shares, *figures, failed
