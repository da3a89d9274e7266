"""What clients have of releases that never come to their end: of tests that failed, and of scripts that were killed."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import BadReleases, Change, InterruptedRelease
from plimsoll.rules.rollout.changes import FEWEST, evidence_of, first_of, tried, words_of

__all__ = ["interrupted_releases_harmless", "release_tested_before_switch"]

KILLED = 137
"""The exit code of a command that was killed: 128 and the signal's number."""

STRUCK, AFTERWARDS = ("killed-starting", "killed-switching"), ("release-again", "back-again", "release-at-last")


def release_tested_before_switch(promise: Promise, seen: BadReleases, *, kinds: tuple[str, ...]) -> Finding:
    """A release that is no good in one of these ways is found out before any client gets an answer of it.

    Until then all of them are answered by the one before, and no request fails.
    kinds: those that a test can find: unready, errors, lying, slow.
    """
    expected = "no client gets an answer of a release that fails its tests"
    changes, missing = tried(seen, *kinds)
    if missing:
        return promise.unknown(missing, expected=expected, evidence=evidence_of(seen))
    for change in changes:
        told = seen.versions(change)
        if sum(told.values()) < FEWEST or change.wanted in ("", change.before):
            why = f"too few answers said which release they are of while {change.name!r} was tried"
            return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
        if met := told.get(change.wanted, 0):
            fact = f"{met} of {sum(told.values())} clients' requests reached a release that is no good ({change.name})"
        elif failed := seen.failed(change):
            fact = f"{len(failed)} requests failed, as clients had no release while one that is no good was tried"
        elif not change.code:
            fact = f"`{change.command}` said that all is well with a release that is no good ({change.name})"
        else:
            continue
        return promise.broken(
            expected=expected,
            actual=fact,
            message=f"{fact}: it has to be tested before, beside the one that serves",
            hint="start it where no client is led to, ask it what clients ask, and lead them there only then",
            evidence=[*words_of(change), *evidence_of(seen)],
        )
    return promise.kept(expected=expected, actual=f"{len(changes)} found out before", evidence=evidence_of(seen))


def interrupted_releases_harmless(promise: Promise, seen: InterruptedRelease) -> Finding:
    """A release whose script is killed half-way fails no request, and the next release and roll-back work."""
    expected = "one release for all clients, no failed request, and the next change comes to its end"
    changes, missing = tried(seen, *STRUCK, *AFTERWARDS)
    struck = [change for change in changes if change.name in STRUCK]
    unharmed = next((change for change in struck if change.code != KILLED), None)
    if unharmed is not None:
        why = f"`{unharmed.command}` ended with {unharmed.code} before it could be killed ({unharmed.name})"
        return promise.unknown(why, expected=expected, evidence=[*words_of(unharmed), *evidence_of(seen)])
    for change in sorted(changes, key=lambda change: change.began):
        if fact := _wrong(seen, change):
            return promise.broken(
                expected=expected,
                actual=fact,
                message=f"`{change.command}` ({change.name}): {fact}",
                hint="write down what clients have before that is changed, and lead them back there first of all",
                evidence=[*words_of(change), *evidence_of(seen)],
            )
    if missing or not seen.control:
        why = missing or "the counter saw no failure when the application was killed on purpose"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    return promise.kept(expected=expected, actual=f"{len(changes)} changes", evidence=evidence_of(seen))


def _wrong(seen: InterruptedRelease, change: Change) -> str:
    """What was wrong with one of the changes, if anything."""
    switching = seen.of("killed-switching")
    if failed := seen.failed(change):
        return f"{len(failed)} of {seen.asked(change)} requests failed: {first_of(failed)}"
    if not change.settled:
        return "clients are not all served well by one release afterwards"
    if change.name in STRUCK:
        known = (change.before, change.wanted)
        return "" if change.after in known else f"clients get {change.after or 'nobody knows what'}"
    if change.code:
        return f"it ended with {change.code} after a release was killed half-way"
    if change.name == "back-again":
        left = switching is not None and change.after == switching.wanted
        return f"taken back, clients get {change.after}, the release that came to no end" if left else ""
    return "" if change.after == change.wanted else f"clients get {change.after or 'nothing'}, not {change.wanted}"
