"""A run of load in words: what it says of each objective, how it asked, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Outcome
from plimsoll.model.load import OPEN, Objective
from plimsoll.observations.load import DROPPED, Decision, LoadRecord, LoadRun
from plimsoll.observations.load.run import FINISHED
from plimsoll.report.load.figures import MINUTE, milliseconds, number, percent
from plimsoll.report.words import OUTCOME_WORDS, duration

SOON = 2 * MINUTE
"""Seconds below which it is told in seconds when a run would be decided."""


def told(record: LoadRecord) -> Iterator[str]:
    """How the run asked, whom, and how it ended: sentence by sentence."""
    run = record.run
    yield f"{run.target} was asked {_how_long(run)}."
    yield model(run)
    dropped = sum(tally.bad.get(DROPPED, 0) for tally in run.judged())
    if dropped:
        yield f"{dropped:,} requests never left, as {run.plan.most_open:,} journeys were under way; they count as bad."


def model(run: LoadRun) -> str:
    """Which model it was, by name, and what follows from that."""
    if run.plan.model == OPEN:
        when = "at random, each for itself" if run.plan.arrivals == "poisson" else "on the beat"
        return (
            f"Open model: journeys begin by a schedule ({when}), whatever becomes of earlier ones, and times count "
            "from the moment a request was due."
        )
    return (
        "Closed model: each user waits for an answer before it asks again, so a slow service is asked less, and times "
        "count from sending. Clients who do not wait see worse."
    )


def sentence(record: LoadRecord, it: Decision) -> str:
    """What the run says of one objective: the share, its bounds, what is promised, and the verdict."""
    return f"{seen(it)}: {verdict(record, it)}"


def seen(it: Decision) -> str:
    """What was counted, and what is promised."""
    if it.judgement.share is None:
        return f"no request to {_of(it.objective)} was counted"
    return f"{share_of(it)}, {bounds(it)}; {promised(it.objective)}"


def share_of(it: Decision) -> str:
    """The share that was seen: of good ones within a time, else of bad ones."""
    found, objective = it.judgement, it.objective
    requests = f"of {found.of:,} requests{f' to {_of(objective)}' if objective.routes else ''}"
    share = found.share or 0.0
    if objective.limit:
        return f"{percent(1 - share)} {requests} answered well within {milliseconds(objective.limit)}"
    return f"{percent(share)} {requests} failed{_ways(objective)}"


def bounds(it: Decision) -> str:
    """Between which shares the true one lies."""
    low, high = it.judgement.low, it.judgement.high
    low, high = (1 - high, 1 - low) if it.objective.limit else (low, high)
    return f"between {percent(low).removesuffix(' %')} and {percent(high)}"


def promised(it: Objective) -> str:
    """What share is promised."""
    return f"{percent(1 - it.bad)} are promised" if it.limit else f"at most {percent(it.bad)} may"


def verdict(record: LoadRecord, it: Decision) -> str:
    """Kept, broken, or what would decide."""
    found = it.judgement
    if record.void:
        return f"{OUTCOME_WORDS[Outcome.UNKNOWN]}, the run is void"
    if found.outcome is not Outcome.UNKNOWN:
        return OUTCOME_WORDS[found.outcome]
    seconds = max(1, sum(window.judged for window in record.run.windows))
    if not found.more or not found.of:
        return f"{OUTCOME_WORDS[Outcome.UNKNOWN]}, it lies at the limit"
    more = found.more / (found.of / seconds)
    when = f"{number(more)} s" if more < SOON else f"{number(more / MINUTE)} minutes"
    return f"{OUTCOME_WORDS[Outcome.UNKNOWN]}; {found.more:,} requests more would decide, about {when}"


def lines(record: LoadRecord) -> Iterator[str]:
    """The run for a terminal: one line says that it is void, or there is one for each objective."""
    name = f"load of {record.run.deployment or record.run.target}"
    if record.void:
        yield f"{name} is void: {record.void}"
        return
    if not record.decisions:
        yield f"{name}: {record.run.amount:,} requests were judged, and no objective was asked of them"
    for it in record.decisions:
        yield f"{it.objective.promise} {verdict(record, it)}: {seen(it)}"


def _of(it: Objective) -> str:
    return " and ".join(it.routes) if it.routes else "any route"


def _ways(it: Objective) -> str:
    return f" by {' or '.join(it.classes)}" if it.classes else ""


def _how_long(run: LoadRun) -> str:
    judged = sum(window.judged for window in run.windows)
    other = len(run.windows) - judged
    ended = "" if run.ended == FINISHED else f" ({run.ended}, of {duration(run.plan.seconds)} planned)"
    before = f", and {duration(other)} that are not judged" if other else ""
    return f"for {duration(judged)}{before}{ended}"
