"""What a search for the largest rate answers whoever plans: in one sentence, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.model import Outcome
from plimsoll.observations.load import Capacity, CapacityRecord, Level
from plimsoll.observations.load.capacity import FOUND, GENERATOR
from plimsoll.rules.capacity.saturation import first_full, first_routes
from plimsoll.statistics import scaling
from plimsoll.statistics.extrapolation import CannotExtrapolate

LITTLE = 0.25
"""By how much the requests under way, as the generator counts them once a second, may differ from rate times time."""

COUNTABLE = 10.0
"""Requests under way from which on such a count, once a second, is worth that much."""

MILLISECONDS = 1000


def answer(seen: Capacity) -> str:
    """The sentence: how much it carries, how many times what is stated that is, and what is in the way of more."""
    best, over = seen.best, seen.beyond
    if best is None:
        why = _unclear(over) if over else "no level was asked"
        return f"{seen.deployment} keeps its promises at no rate that was asked: {why}"
    words = (
        f"{seen.deployment} keeps its promises up to {best.rate:g} journeys a second ({best.asked:.3g} requests), "
        f"{best.rate / seen.stated:.2g} times the {seen.stated:g} that are stated"
    )
    return f"{words}; {_end(seen, over)}"


def answered(seen: Capacity, *, promises: Sequence[str]) -> CapacityRecord:
    """The search with what it answers, for a report; `promises` are those that were judged by it."""
    return CapacityRecord(
        seen=seen, answer=answer(seen), full=_first(seen), scaling=tuple(law(seen)), promises=tuple(promises)
    )


def _end(seen: Capacity, over: Level | None) -> str:
    """Why no more is known to be carried."""
    if over is None:
        return f"beyond that nobody asked: the search was {seen.ended if seen.ended != FOUND else 'over'}"
    if over.unsound:
        return f"at {over.rate:g} the generator was the bottleneck, and what lies beyond is unknown"
    full = first_full(seen)
    what = f": {full[0]}" if full else f": {', '.join(first_routes(seen))}" if first_routes(seen) else ""
    more = "" if seen.ended in (FOUND, GENERATOR) else f" (the search ended {seen.ended})"
    return f"at {over.rate:g} it {_falls(over)}{what}{more}"


def _falls(level: Level) -> str:
    """How a level does not keep the promises."""
    if level.outcome is Outcome.FAIL:
        return "breaks them"
    return "is not sure to keep them" if level.settled else "keeps them for a while, as more is asked than answered"


def _unclear(level: Level) -> str:
    wrong = next((said.words for said in level.said if said.outcome is level.outcome), "more was asked than answered")
    return f"at {level.rate:g} journeys a second {level.unsound or wrong}"


def table(seen: Capacity) -> tuple[str, ...]:
    """A line for each level, from the slowest on; then what the levels say of scaling, and what was full first."""
    lines = [line(level) for level in sorted(seen.levels, key=lambda level: level.rate)]
    return (*lines, *_first(seen), *law(seen))


def _first(seen: Capacity) -> tuple[str, ...]:
    """What was full first, and which routes failed first."""
    if seen.beyond is None:
        return ()
    routes = first_routes(seen)
    full = (f"full at {seen.beyond.rate:g} journeys a second: {each}" for each in first_full(seen))
    return (*full, *([f"first to fail: {'; '.join(routes)}"] if routes else []))


def line(level: Level) -> str:
    """What was asked, what came of it, and whether that kept the promises."""
    parts = [
        f"{level.rate:g} journeys/s",
        f"{level.asked:.4g} requests/s asked, {level.served:.4g} answered",
        f"good {_percent(level.good)} ({_percent(level.low)} to {_percent(level.high)})",
        f"p50 {_ms(level.p50)}, p95 {_ms(level.p95)}, p99 {_ms(level.p99)} ms",
        f"{level.flying:.3g} under way",
    ]
    word = f"void: {level.unsound}" if level.unsound else level.outcome.value
    doubt = little(level)
    steady = "" if level.settled else f", not steady: {level.backlog:.3g} more under way each second"
    return f"{', '.join(parts)}: {word}{steady}{f', {doubt}' if doubt else ''}"


def little(level: Level) -> str:
    """What is wrong by Little's law with the requests under way; "" where they agree, or too few to tell."""
    if min(level.counted, level.flying) < COUNTABLE or not level.settled:
        return ""
    if abs(level.counted / level.flying - 1) <= LITTLE:
        return ""
    return f"Little's law: {level.flying:.3g} should be under way, the generator counted {level.counted:.3g}"


def fit(seen: Capacity) -> scaling.Scaling:
    """The Universal Scalability Law through the sound, steady levels. Raises CannotExtrapolate.

    Those of users, where there are any: in the open model nothing is steady beyond the knee.
    """
    levels = [
        scaling.Level(load=level.flying, throughput=level.asked, response=level.response)
        for level in seen.users or seen.levels
        if level.sound and level.settled and level.flying > 0 and not little(level)
    ]
    return scaling.fitted(levels)


def law(seen: Capacity) -> Iterator[str]:
    """What the levels say of how throughput grows with the requests under way."""
    if seen.users:
        told = ", ".join(f"{level.rate:g} users {level.asked:.3g}" for level in seen.users)
        yield f"requests a second by users at a time: {told}"
    try:
        found = fit(seen)
    except CannotExtrapolate as error:
        yield f"scaling: {error}"
        return
    yield (
        f"scaling: contention {found.contention:.3g}, coherency {found.coherency:.3g} "
        f"(Universal Scalability Law, {len(found.levels)} levels, explains {found.fit:.0%})"
    )
    if found.peak is None:
        yield f"scaling: no peak within twice what was measured, {found.measured:.3g} requests under way"
    else:
        bounds = f"{found.low:.3g} to {found.high:.3g}, {found.sure:.0%} sure"
        most = f"{found.throughput(found.peak):.4g} a second"
        yield f"scaling: throughput peaks with {found.peak:.3g} requests under way ({bounds}), at {most}"
    yield from (f"scaling: {words}" for words in found.missing)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _ms(seconds: float) -> str:
    return f"{seconds * MILLISECONDS:.0f}" if seconds >= 1 else f"{seconds * MILLISECONDS:.3g}"
