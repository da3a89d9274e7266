"""The tables of docs/load-verdicts.md are what the code computes."""

from __future__ import annotations

import math

from plimsoll.statistics.clumping import WINDOWS
from plimsoll.statistics.evidence import evidence
from plimsoll.statistics.planning import fewest_bad, least, likely, minutes, most_bad, to_fail
from plimsoll.statistics.proportions import first
from plimsoll.statistics.quantiles import least_count
from tests.imports import HOME

PAGE = (HOME / "docs" / "load-verdicts.md").read_text(encoding="utf-8")

PROMISES = {"p95": 0.05, "99 %, p99": 0.01, "99.9 %": 0.001, "99.99 %": 0.0001}


def stopped(limit: float) -> int:
    """Good answers after which a run that may stop at any time passes."""
    return first(lambda of: evidence(0, of, limit, limit).kept >= math.log(20), 0, 10**7) or 0


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else str(cell) for cell in cells)} |"


def test_how_many_requests_it_takes() -> None:
    """By promise."""
    for words, limit in PROMISES.items():
        half = likely(limit / 2, limit)
        assert half is not None
        good = f"{minutes(half, 50):.1f}"
        line = row(words, least(limit), stopped(limit), half, to_fail(limit, 2 * limit), good)
        assert line in PAGE, line


def test_what_counts_mean() -> None:
    """For 99.9 %."""
    for of in (1000, 3000, 10_000, 50_000):
        most, fewest = most_bad(of, 0.001), fewest_bad(of, 0.001)
        line = row(of, "never" if most is None else f"0 to {most}" if most else 0, f"{fewest} or more")
        assert line in PAGE, line


def test_what_bursts_cost() -> None:
    """For 99.9 %, at 50 requests a second."""
    for size in (1, 10, 50, 250):
        count = least(0.001, clumping=size)
        line = row(size, f"{size / 50:g} s", count, f"{minutes(count, 50):.0f}")
        assert line in PAGE, line


def test_figures_in_sentences() -> None:
    """Windows, and values for a percentile."""
    assert f"{WINDOWS} windows" in PAGE
    assert f"{least_count(0.95)} for p95, {least_count(0.99)} for p99 and {least_count(0.999):,} for p99.9" in PAGE
