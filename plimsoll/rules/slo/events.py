"""Requests of a run as good and bad events, window by window, and what they say of a share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations.load import LoadRun, Tally
from plimsoll.rules.slo.soundness import unsound
from plimsoll.statistics.clumping import Windows
from plimsoll.statistics.proportions import Judgement
from plimsoll.statistics.stopping import Anytime

SHOWN = 6
"""Routes and kinds of failure that a finding names."""


def counted(seen: LoadRun, bad: Callable[[Tally], int], routes: Sequence[str]) -> Windows:
    """The judged seconds of the run, each with how many of the requests that were due in it are bad."""
    windows = Windows(assumed=seen.plan.together)
    for window in seen.windows:
        if window.judged:
            tallies = [tally for tally in window.tallies if not routes or tally.route in routes]
            windows.add(sum(map(bad, tallies)), sum(tally.asked for tally in tallies))
    return windows


def judgement(seen: LoadRun, bad: Callable[[Tally], int], limit: float, routes: Sequence[str]) -> Judgement:
    """What the run says of the promise that at most the share `limit` is bad.

    A run that might have ended once it was decided is judged by bounds that hold at every moment of it.
    """
    objectives = max(1, len(seen.plan.objectives))
    if not seen.plan.objectives:
        return counted(seen, bad, routes).judged(limit, objectives=objectives)
    anytime = Anytime(limit=limit, objectives=objectives, assumed=seen.plan.together)
    for window in seen.windows:
        if window.judged:
            tallies = [tally for tally in window.tallies if not routes or tally.route in routes]
            anytime.feed(sum(map(bad, tallies)), sum(tally.asked for tally in tallies))
    return anytime.judgement


def finding_of(
    promise: Promise,
    seen: LoadRun,
    found: Judgement,
    *,
    expected: str,
    what: str,
    hint: str,
    evidence: Sequence[str],
) -> Finding:
    """The finding. `what` names the bad requests: "slower than 200 ms, or failed"."""
    if doubt := unsound(seen):
        return promise.unknown(doubt, expected=expected, evidence=evidence)
    share = f"{found.bad:,} of {found.of:,} requests were {what}: {percent(found.share or 0.0)}"
    bounds = f"between {percent(found.low)} and {percent(found.high)}, {found.sure:.0%} sure"
    actual = f"{share}; {bounds}"
    if found.outcome is Outcome.PASS:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    if found.outcome is Outcome.FAIL:
        message = f"{share}, and {percent(found.limit)} may be"
        return promise.broken(expected=expected, actual=actual, message=message, hint=hint, evidence=evidence)
    rate = found.of / max(1, sum(window.judged for window in seen.windows))
    more = f"{found.more:,} requests more would decide, {found.more / rate / 60:.1f} minutes" if found.more else ""
    why = f"{found.of:,} requests are not enough to decide"
    return promise.unknown(f"{why}: {more or 'the share lies at its limit'}", expected=expected, evidence=evidence)


def percent(share: float) -> str:
    """A share as people read it: 0.25 %, 12 %."""
    return f"{100 * share:.3g} %"


def slowest(seen: LoadRun, limit: int, routes: Sequence[str]) -> list[str]:
    """By route, the worst first: how many requests were bad, and how late the good ones came."""
    lines = []
    for route in routes or seen.routes:
        tallies = [*seen.judged(route)]
        asked, late = sum(tally.asked for tally in tallies), sum(tally.slow(limit) for tally in tallies)
        if asked:
            lines.append((late / asked, f"{route}: {late:,} of {asked:,} {_kinds(tallies)}".rstrip()))
    return [line for _, line in sorted(lines, reverse=True)][:SHOWN]


def failures(seen: LoadRun, routes: Sequence[str]) -> list[str]:
    """By route, the worst first: how many requests failed, and how."""
    lines = []
    for route in routes or seen.routes:
        tallies = [*seen.judged(route)]
        asked, failed = sum(tally.asked for tally in tallies), sum(sum(tally.bad.values()) for tally in tallies)
        if asked:
            lines.append((failed / asked, f"{route}: {failed:,} of {asked:,} failed {_kinds(tallies)}".rstrip()))
    return [line for _, line in sorted(lines, reverse=True)][:SHOWN]


def _kinds(tallies: Sequence[Tally]) -> str:
    kinds: dict[str, int] = {}
    for tally in tallies:
        for kind, count in tally.bad.items():
            kinds[kind] = kinds.get(kind, 0) + count
    worst = sorted(kinds, key=lambda kind: -kinds[kind])[:SHOWN]
    return f"({', '.join(f'{kinds[kind]:,} {kind}' for kind in worst)})" if worst else ""
