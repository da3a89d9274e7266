"""A run in a screenful: was it fit to tell anything, what was asked, and how it was answered, route by route."""

from __future__ import annotations

from collections import Counter

from plimsoll.model.load import OPEN
from plimsoll.observations.load import LoadRun, Tally
from plimsoll.observations.load.run import FINISHED
from plimsoll.rules.slo.soundness import unsound
from plimsoll.statistics.histogram import merged
from plimsoll.statistics.proportions import between

MILLISECOND = 1_000_000
FAULTS = 5
"""Classes of failure that are shown."""


def headline(run: LoadRun, examples: dict[str, str]) -> tuple[int, list[str]]:
    """The exit code that a run has by itself (2 where it tells nothing), and the lines."""
    lines = [_first(run)]
    asked = [tally for window in run.windows for tally in window.tallies]
    if not any(tally.asked for tally in asked):
        return 2, [*lines, f"nothing was measured: {run.trouble or 'no request was sent'}"]
    judged = list(run.judged()) or asked
    lines += [_row("all routes", judged, run.plan.limits)]
    if len(run.routes) > 1:
        lines += [_row(route, [t for t in judged if t.route == route], run.plan.limits) for route in run.routes]
    bad = sum((Counter(tally.bad) for tally in judged), Counter[str]())
    for trouble, count in bad.most_common(FAULTS):
        detail = examples.get(trouble, "")
        lines.append(f"  {count} x {trouble}{f': {detail}' if detail else ''}")
    doubt = unsound(run)
    return (2, [*lines, f"void: {doubt}"]) if doubt else (0, lines)


def _first(run: LoadRun) -> str:
    seconds = sum(window.judged for window in run.windows)
    due, begun = sum(window.due for window in run.windows), sum(window.begun for window in run.windows)
    ended = "" if run.ended == FINISHED else f" ({run.ended})"
    name = f"{run.deployment} at {run.target}" if run.deployment else run.target
    model = f"open model, {run.plan.arrivals} arrivals" if run.plan.model == OPEN else "closed model"
    return f"load on {name}{ended}: {model}, {begun} of {due} journeys begun, {seconds} s judged"


def _row(name: str, tallies: list[Tally], limits: tuple[int, ...]) -> str:
    asked, good = sum(tally.asked for tally in tallies), sum(tally.good for tally in tallies)
    if not asked:
        return f"  {name}: not asked"
    low, high = between(asked - good, asked)
    parts = [f"{asked} requests, {good / asked:.3%} good ({1 - high:.3%} to {1 - low:.3%})"]
    for limit in limits:
        within = sum(tally.within.get(limit, 0) for tally in tallies)
        parts.append(f"{within / asked:.3%} within {limit / MILLISECOND:g} ms")
    latency, service = merged(tally.latency for tally in tallies), merged(tally.service for tally in tallies)
    for title, histogram in (("latency", latency), ("service", service)):
        found = [histogram.percentile(share) for share in (0.5, 0.95, 0.99)]
        figures = "/".join(f"{bucket.high / MILLISECOND:.4g}" for bucket in found if bucket)
        parts.append(f"{title} p50/p95/p99 {figures} ms" if figures else f"no {title}")
    return f"  {name}: " + ", ".join(parts)
