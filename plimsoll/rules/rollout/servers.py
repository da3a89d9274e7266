"""What releases do to the servers that an application runs on: one after the other, the others serving."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import AddedServer, BadReleases, Change, Release, Step
from plimsoll.rules.rollout.changes import evidence_of, first_of, tried, words_of

__all__ = ["bad_releases_reach_one_server", "server_added", "servers_reloaded_in_turn"]

RELEASE, ROLL_BACK, ADD = "release", "roll-back", "add-server"
STEPS = ("install", "build", "reload")
"""What a release is on each server, in this order."""

UNTOLD = ("install", "build")
"""Steps of which PM2 hears nothing."""

REFUSED = ("nowhere", "in-use", "unwell")
SECOND = "second-server"
"""A release that is well on the first server, and not on the second."""

SHARE = 0.5
"""Of an equal share: by who has the fewest requests under way, shares differ."""


def servers_reloaded_in_turn(promise: Promise, seen: Release, *, servers: int) -> Finding:
    """A release is installed, built and gracefully reloaded on each server, while all the others serve."""
    expected = f"{servers} servers: {', '.join(STEPS)}, one server after the other, each with the others well"
    changes, missing = tried(seen, RELEASE, ROLL_BACK)
    if missing:
        return promise.unknown(missing, expected=expected, evidence=evidence_of(seen))
    for change in changes:
        steps = _steps(seen, change)
        if fact := _out_of_turn(steps, change, servers):
            return promise.broken(
                expected=expected,
                actual=fact,
                message=f"`{change.command}`: {fact}",
                hint="npm ci && npm run build && pm2 reload on one server; the next when its own port answers well",
                evidence=[*map(_line, steps), *words_of(change)],
            )
    told = [_line(step) for change in changes for step in _steps(seen, change)]
    return promise.kept(expected=expected, actual=f"{len(told)} steps in their order", evidence=told)


def bad_releases_reach_one_server(promise: Promise, seen: BadReleases, *, kinds: tuple[str, ...]) -> Finding:
    """A release that is no good gets no further than the first server that shows it, and all have again what they had.

    kinds: unready, errors, lying, slow, crashing, growing; one that only the second server shows is always among them.
    """
    expected = "a release that is no good stops at the first server that shows it, and none keeps it"
    changes, missing = tried(seen, *kinds, SECOND)
    if missing:
        return promise.unknown(missing, expected=expected, evidence=evidence_of(seen))
    for change in changes:
        steps = [step for step in _steps(seen, change) if step.what not in UNTOLD]
        reached = list(dict.fromkeys(step.server for step in steps if step.release == change.wanted))
        kept = [server for server, version in change.runs.items() if version == change.wanted]
        if not reached:
            why = f"no server got the release that is no good ({change.name})"
            return promise.unknown(why, expected=expected, evidence=[*words_of(change), *evidence_of(seen)])
        if kept:
            fact = f"{', '.join(kept)} still runs a release that is no good ({change.name})"
        elif len(reached) > (2 if change.name == SECOND else 1):
            fact = f"{len(reached)} servers got a release that is no good ({change.name}): {', '.join(reached)}"
        else:
            continue
        return promise.broken(
            expected=expected,
            actual=fact,
            message=fact,
            hint="stop at the first server that is not well, and give all back what they ran before",
            evidence=[*map(_line, steps), *words_of(change)],
        )
    actual = f"{len(changes)} releases stopped at the first server that showed what they are"
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def server_added(promise: Promise, seen: AddedServer) -> Finding:
    """A server that is added gets its share of the requests, none fails, and one that is not well is refused."""
    expected = "it is asked as the others are, no request fails, and a server that is not well gets no clients"
    changes, missing = tried(seen, *REFUSED, ADD)
    for change in changes:
        if fact := _ill_added(seen, change):
            return promise.broken(
                expected=expected,
                actual=fact,
                message=f"`{change.command}` ({change.name}): {fact}",
                hint="ask the new server itself; write its line, nginx -t, nginx -s reload",
                evidence=[*words_of(change), *evidence_of(seen)],
            )
    if missing or not seen.control:
        why = missing or "the counter saw no failure when the application was killed on purpose"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    total, share = sum(seen.served.values()), seen.served.get(seen.server, 0)
    actual = ", ".join(f"{name}: {served}" for name, served in seen.served.items())
    if share < SHARE * total / max(len(seen.served), 1) or not total:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{seen.server} was added, and answers {share} of {total} requests",
            hint="the edge has to read its file anew; its line must have no weight, down or backup",
            evidence=evidence_of(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def _steps(seen: Release | BadReleases, change: Change) -> list[Step]:
    return [step for step in seen.steps if change.began <= step.at <= change.ended]


def _out_of_turn(steps: list[Step], change: Change, servers: int) -> str:
    """What was wrong with the order of the steps of a change, if anything."""
    wanted = [step for step in steps if step.release == change.wanted]
    reached = list(dict.fromkeys(step.server for step in wanted))
    if len(reached) < servers:
        return f"{len(reached)} of {servers} servers got {change.wanted}: {', '.join(reached) or 'none'}"
    for server in reached:
        told = [step.what for step in wanted if step.server == server]
        if tuple(told) != STEPS:
            return f"{server} saw {', '.join(told)} instead of {', '.join(STEPS)}"
    for step in wanted:
        away = [other for other in step.others if other not in step.serving]
        if step.what not in UNTOLD and away:
            return f"{step.server} was told to {step.what} at {step.at:.1f} s, while {', '.join(away)} did not serve"
    return ""


def _ill_added(seen: AddedServer, change: Change) -> str:
    """What was wrong with one attempt to add a server, if anything."""
    failed, settled = seen.failed(change), change.settled
    harm = f"{len(failed)} of {seen.asked(change)} requests failed: {first_of(failed)}" if failed else ""
    harm = harm or ("" if settled else "clients are not all served well afterwards")
    if change.name != ADD and not change.code:
        return "; ".join(filter(None, ("it said that all is well", harm)))
    return harm or (f"it ended with {change.code}" if change.name == ADD and change.code else "")


def _line(step: Step) -> str:
    beside = f", {len(step.serving)} of {len(step.others)} others well" if step.what not in UNTOLD else ""
    return f"{step.at:.1f} s: {step.server}: {step.what} {step.release}{beside}"
