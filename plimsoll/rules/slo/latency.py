"""Whether requests are answered well, and in time."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.load import LoadRun
from plimsoll.rules.slo.events import finding_of, judgement, slowest

__all__ = ["latency_within"]

NANOSECONDS = 1_000_000
"""In a millisecond."""

PERCENTILE = 95.0
"""Where a guide names a time and no share: what most of them alert on (the guides' own alerts are on p95)."""


def latency_within(
    promise: Promise, seen: LoadRun, *, milliseconds: int, percentile: float = PERCENTILE, routes: tuple[str, ...] = ()
) -> Finding:
    """Of all requests to these routes (without any named: all) that percentile is answered well within the time.

    The time is from the moment a request was due to the last byte of its answer; one that fails is not in time. Exact
    counts, judged by exact bounds: enough requests keep the promise, break it, or it is said how many more would tell.
    """
    expected = f"{percentile:g} % of requests answered well within {milliseconds} ms of when they were due"
    limit = milliseconds * NANOSECONDS
    if limit not in seen.plan.limits:
        return promise.unknown(f"this run did not count what came within {milliseconds} ms", expected=expected)
    found = judgement(seen, lambda tally: tally.slow(limit), allowed(percentile), routes)
    return finding_of(
        promise,
        seen,
        found,
        expected=expected,
        what=f"not answered well within {milliseconds} ms",
        hint="the routes with most of them stand below",
        evidence=slowest(seen, limit, routes),
    )


def allowed(percentile: float) -> float:
    """The share of requests that may come later than a percentile's time: 0.05 for p95."""
    return round(1 - percentile / 100, 9)
