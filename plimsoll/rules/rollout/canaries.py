"""Whether a canary has its share of the clients, and harms no others."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Canary, Change
from plimsoll.rules.rollout.changes import FEWEST, evidence_of, first_of, tried, words_of
from plimsoll.statistics.extrapolation import share_between

__all__ = ["bad_canary_harms_few", "canary_takes_share"]

HINT = "weights of nginx: `server old weight=90; server new weight=10;` lead a tenth of the requests to the new one"


def canary_takes_share(promise: Promise, seen: Canary, *, percent: float, within: float = 4.0) -> Finding:
    """A canary gets its share of the requests and no other, then all of them, and no request fails.

    The share is known when the exact binomial interval (95 %) of what answered lies `within` so many points of it.
    """
    expected = f"{percent:g} % of the answers within {within:g} points, then all of them, and no request fails"
    changes, missing = tried(seen, "canary", "share", "promote")
    for change in changes:
        if fact := _wrong(seen, change):
            return _broken(promise, seen, change, fact, expected=expected)
    if missing or not seen.control:
        why = missing or "the counter saw no failure when the application was killed on purpose"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    canary, stands, _ = changes
    told = seen.versions(stands)
    count, total = told.get(canary.wanted, 0), sum(told.values())
    low, high = (100 * each for each in share_between(count, total)) if total else (0.0, 100.0)
    actual = f"{count} of {total} answers, {low:.1f} to {high:.1f} %"
    if high < percent - within or low > percent + within:
        fact = f"the canary answered {count} of {total} requests, {100 * count / total:.1f} %, and not {percent:g} %"
        return _broken(promise, seen, canary, fact, expected=expected, hint=HINT)
    if low < percent - within or high > percent + within:
        return promise.unknown(f"too few answers to tell: {actual}", expected=expected, evidence=evidence_of(seen))
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def _wrong(seen: Canary, change: Change) -> str:
    """What was wrong with a change that a good canary is part of, but for its share."""
    if change.code:
        return f"`{change.command}` ended with {change.code}"
    if failed := seen.failed(change):
        return f"{len(failed)} requests failed with a canary that is well: {first_of(failed)}"
    if change.name == "promote" and (change.after != change.wanted or not change.settled):
        return f"promoted, the canary {change.wanted} is not what all clients get: they get {change.after or 'nothing'}"
    return ""


def bad_canary_harms_few(promise: Promise, seen: Canary, *, percent: float, within: float = 4.0) -> Finding:
    """A canary that answers with errors harms no more than its share of the requests, and stopped it harms none."""
    budget = percent + within
    expected = f"{budget:g} % of the requests failed at the most, and none once it is stopped"
    first, last, stopped = seen.of("bad-canary"), seen.of("stop"), seen.of("stopped")
    if first is None or last is None or stopped is None or not seen.control:
        missing = tried(seen, "bad-canary", "stop", "stopped")[1]
        return promise.unknown(missing or "the counter saw no failure", expected=expected, evidence=evidence_of(seen))
    changes = [change for name in ("bad-canary", "harm", "stop") if (change := seen.of(name)) is not None]
    failed, asked = sum(len(seen.failed(change)) for change in changes), sum(map(seen.asked, changes))
    if min(asked, seen.asked(stopped)) < FEWEST or not (failed or first.code):
        return promise.unknown("no client met the bad canary", expected=expected, evidence=evidence_of(seen))
    actual = f"{failed} of {asked} requests failed, {100 * failed / asked:.1f} %"
    if 100 * share_between(failed, asked)[0] > budget:
        fact = f"the bad canary let {actual.replace(' requests failed', ' requests fail')}"
        return _broken(promise, seen, first, fact, expected=expected, hint=HINT)
    if fact := _stays(seen, first, last, stopped):
        return _broken(promise, seen, last, fact, expected=expected)
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def _stays(seen: Canary, first: Change, last: Change, stopped: Change) -> str:
    """How a bad canary is still there after it was stopped; one that its own script took back has not to be."""
    if last.code and not first.code:
        return f"`{last.command}` ended with {last.code}"
    if met := seen.versions(stopped).get(first.wanted, 0):
        return f"stopped, the bad canary is still there: {met} of {seen.asked(stopped)} answers are its own"
    if last.after != first.before or not last.settled or seen.failed(stopped):
        return f"stopped, the bad canary is still there: clients get {last.after or 'nothing'}, and not all are well"
    return ""


def _broken(promise: Promise, seen: Canary, change: Change, fact: str, *, expected: str, hint: str = "") -> Finding:
    return promise.broken(
        expected=expected,
        actual=fact,
        message=fact,
        hint=hint or "the timeline of the drill has every command and what it said",
        evidence=[*words_of(change), *evidence_of(seen)],
    )
