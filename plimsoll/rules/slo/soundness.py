"""Whether a run of load says anything of the service: one whose generator was the bottleneck does not."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model.load import OPEN
from plimsoll.observations.load import DROPPED, Generator, LoadRun

BUSY = 0.8
"""Share of its core from which on a worker waits for itself: measured latencies grow from there."""

BEGUN = 0.98
"""Share of the journeys that were due which have to begin: beyond that another load was asked than the plan's."""

LATE = 0.99
"""Which of the journeys has to have begun within LATEST of its time."""

LATEST = 0.01
"""Seconds; a twentieth of the shortest limit that the catalogue knows, 200 ms."""

NANOSECONDS = 1_000_000_000
SOCKETLESS = "out of sockets"
"""The class of requests for which this machine had no socket any more."""

MOST_WINDOWS_BUSY = 0.1
"""Share of the seconds in which a worker may be busy: the first ones of a phase open connections."""


def unsound(seen: LoadRun) -> str:
    """Why this run is void, and what to add; "" where it is sound."""
    return next(_doubts(seen), "")


def _doubts(seen: LoadRun) -> Iterator[str]:
    if seen.trouble:
        yield seen.trouble
    if not seen.amount:
        yield "no request was due in a second that is judged"
    for generator in seen.generators:
        if doubt := _of(generator, sum(window.judged for window in seen.windows)):
            yield f"{doubt}: the generator was the bottleneck, not the service; more workers (--processes) or less load"
    if not seen.generators:
        yield "nobody knows how the generator was"
    dropped, socketless = (sum(tally.bad.get(kind, 0) for tally in seen.judged()) for kind in (DROPPED, SOCKETLESS))
    if socketless:
        yield f"this machine had no more sockets for {socketless} requests; ulimit -n, or more workers elsewhere"
    due, begun = (sum(getattr(window, name) for window in seen.windows if window.judged) for name in ("due", "begun"))
    if seen.plan.model == OPEN and begun + dropped < BEGUN * due:
        yield f"{begun} of {due} journeys that were due began: the load was another than planned; more workers"


def _of(generator: Generator, seconds: int) -> str:
    """What was wrong with one worker in this many judged seconds."""
    if generator.lost:
        return f"worker {generator.name} was lost"
    busy = [pulse.cpu for pulse in generator.pulses if pulse.cpu > BUSY]
    if len(busy) > MOST_WINDOWS_BUSY * max(seconds, 1):
        return f"worker {generator.name} used {max(busy):.0%} of its core at times"
    late = generator.lag.percentile(LATE)
    if late is not None and late.low > LATEST * NANOSECONDS:
        return f"worker {generator.name} began 1 % of its journeys {late.low / NANOSECONDS * 1000:.0f} ms late or more"
    return ""
