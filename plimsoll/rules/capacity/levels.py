"""One run of load as a level of a search: what it shows of the promises, and of whoever served and asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from plimsoll.model import Finding, Outcome, merge
from plimsoll.observations.load import Level, LoadRun, Reading, Said, Tally, Used
from plimsoll.rules.slo.events import counted
from plimsoll.rules.slo.soundness import NANOSECONDS, unsound
from plimsoll.statistics.histogram import Histogram, merged
from plimsoll.statistics.proportions import between

AVERAGED = "cpu"
"""Of which readings the average counts; of others the most."""


def level_of(run: LoadRun, findings: Sequence[Finding], *, rate: float) -> Level:
    """The level of so many journeys a second, with what was found of each promise in it.

    A promise of requests that is not decided leaves the level undecided. One of room (processors, memory) of which
    nobody read anything says nothing, and is passed over. A level that keeps every promise while ever more requests are
    under way is not decided either: it would not keep them for long.
    """
    seconds = sum(window.judged for window in run.windows)
    tallies, limit = list(run.judged()), min(run.plan.limits, default=0)
    asked, good = sum(tally.asked for tally in tallies), sum(tally.good for tally in tallies)
    latency = merged(tally.latency for tally in tallies)
    lost = merged(tally.failed for tally in tallies)
    response = (latency.total + lost.total) / NANOSECONDS / max(latency.count + lost.count, 1)
    bad, low, high = _share(run, limit)
    flying, backlog = _pulses(run)
    per_second = 1 / max(seconds, 1)
    level = Level(
        rate=rate,
        asked=asked * per_second,
        served=max(good * per_second - max(backlog, 0.0), 0.0),
        seconds=seconds,
        outcome=_outcome(run, findings),
        said=tuple(_said(findings)),
        good=1 - bad / asked if asked else 0.0,
        low=low,
        high=high,
        p50=_percentile(latency, 0.5),
        p95=_percentile(latency, 0.95),
        p99=_percentile(latency, 0.99),
        response=response,
        flying=asked * per_second * response,
        counted=flying,
        backlog=backlog,
        unsound=unsound(run),
        generator=_generator(run),
        used=tuple(_used(run.readings, seconds)),
        routes=_routes(tallies, limit),
        classes=_classes(tallies),
    )
    lasting = level.settled or level.outcome is not Outcome.PASS
    return level if lasting else replace(level, outcome=Outcome.UNKNOWN)


def levels_of_users(run: LoadRun) -> tuple[Level, ...]:
    """The judged phases of a run in the closed model, each as the level of so many users."""
    levels = []
    for phase in run.plan.phases:
        windows = tuple(window for window in run.windows if window.judged and window.phase == phase.name)
        numbers = {window.number for window in windows}
        generators = tuple(
            replace(each, pulses=tuple(pulse for pulse in each.pulses if pulse.number in numbers))
            for each in run.generators
        )
        if phase.judged and windows:
            part = replace(run, windows=windows, generators=generators, readings=())
            levels.append(level_of(part, (), rate=phase.rate))
    return tuple(levels)


def _outcome(run: LoadRun, findings: Sequence[Finding]) -> Outcome:
    """What all promises together say: those that the run was to decide, and the others as far as they are known."""
    wanted = {objective.promise for objective in run.plan.objectives}
    known = [each.outcome for each in findings if each.promise.id in wanted or each.outcome is not Outcome.UNKNOWN]
    return merge(known)


def _said(findings: Sequence[Finding]) -> Iterator[Said]:
    for finding in findings:
        words = finding.actual if finding.outcome is Outcome.PASS else finding.message
        yield Said(promise=finding.promise.id, outcome=finding.outcome, words=words)


def _bad(tally: Tally, limit: int) -> int:
    return tally.slow(limit) if limit else sum(tally.bad.values())


def _share(run: LoadRun, limit: int) -> tuple[int, float, float]:
    """How many requests were bad, and between which shares the good ones lie; clumps count as fewer."""
    windows = counted(run, lambda tally: _bad(tally, limit), ())
    if not windows.of:
        return 0, 0.0, 1.0
    low, high = between(*windows.clumping.effective(windows.bad, windows.of))
    return windows.bad, 1 - high, 1 - low


def _percentile(latency: Histogram, share: float) -> float:
    bucket = latency.percentile(share) if latency.count else None
    return bucket.high / NANOSECONDS if bucket else 0.0


def _pulses(run: LoadRun) -> tuple[float, float]:
    """The requests under way on average, and by how many they grew each second: a straight line, least squares."""
    judged = {window.number for window in run.windows if window.judged}
    flying: Counter[int] = Counter()
    for generator in run.generators:
        for pulse in generator.pulses:
            if pulse.number in judged:
                flying[pulse.number] += pulse.requests
    if len(flying) < 3:  # noqa: PLR2004 - two points always lie on a line
        return 0.0, 0.0
    middle, mean = sum(flying) / len(flying), sum(flying.values()) / len(flying)
    spread = sum((number - middle) ** 2 for number in flying)
    return mean, sum((number - middle) * (count - mean) for number, count in flying.items()) / spread


def _generator(run: LoadRun) -> float:
    """Processors that all workers together used on average."""
    judged = {window.number for window in run.windows if window.judged}
    each = [[pulse.cpu for pulse in generator.pulses if pulse.number in judged] for generator in run.generators]
    return sum(sum(found) / len(found) for found in each if found)


def _used(readings: Sequence[Reading], seconds: int) -> Iterator[Used]:
    """By role, over the last so many seconds: before them the generator started, and asked what is not judged."""
    if not readings:
        return
    since = max(reading.at for reading in readings) - seconds
    late = [reading for reading in readings if reading.at >= since]
    for role, what in sorted({(reading.role, reading.what) for reading in late}):
        found = [reading for reading in late if (reading.role, reading.what) == (role, what)]
        values = [reading.value for reading in found]
        value = sum(values) / len(values) if what == AVERAGED else max(values)
        yield Used(role=role, what=what, value=value, limit=max(reading.limit for reading in found))


def _routes(tallies: Sequence[Tally], limit: int) -> Mapping[str, float]:
    """The share of bad requests by route."""
    bad, asked = Counter[str](), Counter[str]()
    for tally in tallies:
        bad[tally.route] += _bad(tally, limit)
        asked[tally.route] += tally.asked
    return {route: bad[route] / asked[route] for route in asked if asked[route]}


def _classes(tallies: Sequence[Tally]) -> Mapping[str, int]:
    found = Counter[str]()
    for tally in tallies:
        found.update(tally.bad)
    return dict(found)
