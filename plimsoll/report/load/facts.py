"""A run of load for scripts: what verdict.json says of it, and the file with all of it beside the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from plimsoll.observations.load import LoadRecord, LoadRun, Tally
from plimsoll.observations.load.stored import as_json
from plimsoll.packed import packed
from plimsoll.report.load.figures import at_shares, kinds, together

FOLDER = "load"
LONGEST_NAME = 60
"""Characters of a file's name; every file system takes as many."""

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999, "most": 1.0}


def files(loads: Sequence[LoadRecord]) -> dict[str, str]:
    """Every run as a whole, by its path in the report's folder, in the order of the runs."""
    return {path: as_json(it.run) for path, it in zip(_paths(loads), loads, strict=True)}


def facts(loads: Sequence[LoadRecord]) -> list[dict[str, object]]:
    """What verdict.json says: where all of it is, what it decides, and figures for whoever needs no more."""
    return [_facts(it, path) for path, it in zip(_paths(loads), loads, strict=True)]


def safe(path: str) -> bool:
    """Whether a path is one that `files` gives, and leads nowhere else."""
    return re.fullmatch(rf"{FOLDER}/[a-z0-9-]+(~\d+)?\.json", path) is not None


def _paths(loads: Sequence[LoadRecord]) -> Iterator[str]:
    names = Counter[str]()
    for it in loads:
        name = re.sub(r"[^a-z0-9]+", "-", it.name.lower()).strip("-")[:LONGEST_NAME] or "load"
        names[name] += 1
        yield f"{FOLDER}/{name}.json" if names[name] == 1 else f"{FOLDER}/{name}~{names[name]}.json"


def _facts(it: LoadRecord, path: str) -> dict[str, object]:
    run = it.run
    judged = [window for window in run.windows if window.judged]
    seconds = max(1, len(judged))
    return {
        "name": it.name,
        "file": path,
        "promises": list(it.promises),
        "void": it.void,
        "decisions": packed(it.decisions),
        "target": run.target,
        "model": run.plan.model,
        "arrivals": run.plan.arrivals,
        "ended": run.ended,
        "trouble": run.trouble,
        "seconds_judged": len(judged),
        "journeys_due_per_second": sum(window.due for window in judged) / seconds,
        "journeys_begun_per_second": sum(window.begun for window in judged) / seconds,
        "all": _figures(list(run.judged())),
        "routes": _routes(run),
    }


def _routes(run: LoadRun) -> dict[str, object]:
    return {route: _figures(list(run.judged(route))) for route in run.routes}


def _figures(tallies: Sequence[Tally]) -> dict[str, object]:
    """Counts, and nanoseconds of those answered well: from the moment due, and from sending."""
    within = Counter[int]()
    for tally in tallies:
        within.update(tally.within)
    views = (at_shares(together(tallies, service=service), [*PERCENTILES.values()]) for service in (False, True))
    latency, service = (dict(zip(PERCENTILES, view, strict=True)) for view in views)
    return {
        "requests": sum(tally.asked for tally in tallies),
        "good": sum(tally.good for tally in tallies),
        "bad": dict(kinds(tallies)),
        "within": dict(sorted(within.items())),
        "latency": latency,
        "service": service,
    }
