"""What clients notice of a release that comes to them and is taken back, and whether bad ones stay away."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import BadReleases, Change, Release, Rolled
from plimsoll.rules.rollout.changes import FEWEST, SHOWN, evidence_of, first_of, line_of, words_of

__all__ = [
    "bad_releases_taken_back",
    "release_fails_no_request",
    "release_loses_no_write",
    "release_reaches_clients",
    "release_taken_back",
    "senseless_releases_refused",
]

RELEASE, ROLL_BACK = "release", "roll-back"
SENSELESS = {
    "back-to-nothing": "to go back when there was nothing before",
    "unknown-release": "for a release that nobody published",
    "same-again": "for the release that clients have",
    "back-twice": "to go back a second time",
}
HINT = "the timeline of the drill has every command and what it said"


def release_fails_no_request(promise: Promise, seen: Release, *, silence_ms: float = 1000.0) -> Finding:
    """While a release comes to clients, and while it is taken back, every request is answered well.

    Nobody waits longer than `silence_ms` for the next good answer of all.
    """
    expected = f"0 failed requests, and never {silence_ms:g} ms without a good answer"
    changes = [change for name in (RELEASE, ROLL_BACK) if (change := seen.of(name)) is not None]
    if doubt := _doubt(seen, changes):
        return promise.unknown(doubt, expected=expected, evidence=evidence_of(seen))
    failed = [request for change in changes for request in seen.failed(change)]
    asked, silence = sum(map(seen.asked, changes)), max(map(seen.silence, changes))
    actual = f"{len(failed)} of {asked} requests failed; the longest silence was {silence * 1000:.0f} ms"
    if failed:
        message = f"{len(failed)} of {asked} requests failed while clients got another release: {first_of(failed)}"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=message,
            hint="start the new one, wait until it is well, lead clients there, and only then end the old one",
            evidence=[*map(line_of, failed[:SHOWN]), *evidence_of(seen)],
        )
    if silence * 1000 > silence_ms:
        message = f"for {silence * 1000:.0f} ms nobody was answered while clients got another release"
        return promise.broken(expected=expected, actual=actual, message=message, hint=HINT, evidence=evidence_of(seen))
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def release_reaches_clients(promise: Promise, seen: Release) -> Finding:
    """After a release the application that answers clients says that it is that one; before, it was the old one."""
    return _arrives(promise, seen, RELEASE, expected="clients get the release that was rolled out, and no other")


def release_taken_back(promise: Promise, seen: Release, *, seconds: float) -> Finding:
    """After a roll-back the application that answers clients says that it is the release before, within the time."""
    expected = f"clients get the release before again within {seconds:g} s"
    change = seen.of(ROLL_BACK)
    finding = _arrives(promise, seen, ROLL_BACK, expected=expected)
    took = change.settled - change.began if change is not None and change.settled else 0.0
    if took > seconds:
        message = f"clients had the release before again only after {took:.1f} s"
        return promise.broken(
            expected=expected, actual=f"{took:.1f} s", message=message, hint=HINT, evidence=evidence_of(seen)
        )
    return finding


def release_loses_no_write(promise: Promise, seen: Release) -> Finding:
    """What the application confirmed while releases changed is there, and there once."""
    expected = "every confirmed row is there, once"
    if seen.loss is None or not seen.testimony.acknowledged:
        return promise.unknown(f"nobody counted rows: {seen.trouble or 'none was confirmed'}", expected=expected)
    missing, confirmed = seen.loss.missing, len(seen.testimony.acknowledged)
    actual = f"{confirmed} rows confirmed, {len(missing)} missing, {len(seen.doubled)} twice"
    if wrong := missing or seen.doubled:
        numbers = ", ".join(map(str, wrong[:SHOWN]))
        what = "are missing" if missing else "are there twice"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{len(wrong)} rows that were confirmed while releases changed {what}: {numbers}",
            hint="requests in flight are finished before a process ends; a request sent again carries its key",
            evidence=evidence_of(seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def senseless_releases_refused(promise: Promise, seen: Release) -> Finding:
    """What makes no sense is refused, and clients keep what they have: no release before, an unknown one, the same."""
    expected = "each is refused with an error, and clients keep what they have"
    tried = [(change, why) for name, why in SENSELESS.items() if (change := seen.of(name)) is not None]
    if len(tried) < len(SENSELESS):
        missing = ", ".join(name for name in SENSELESS if seen.of(name) is None)
        return promise.unknown(f"not tried: {missing}; {seen.trouble}", expected=expected, evidence=evidence_of(seen))
    for change, why in tried:
        if not change.code:
            fact = f"asked {why}, it said that all is well"
        elif change.after != change.before:
            fact = f"asked {why}, it left clients with {change.after or 'nothing'} instead of {change.before}"
        elif seen.failed(change):
            fact = f"asked {why}, it let {len(seen.failed(change))} requests fail"
        else:
            continue
        return promise.broken(
            expected=expected,
            actual=fact,
            message=f"`{change.command}`: {fact}",
            hint="ask what clients have, and what there is to go to, before anything is changed",
            evidence=[*words_of(change), *evidence_of(seen)],
        )
    return promise.kept(expected=expected, actual=f"{len(tried)} refused", evidence=evidence_of(seen))


def bad_releases_taken_back(
    promise: Promise, seen: BadReleases, *, kinds: tuple[str, ...], seconds: float, budget: float = 1.0
) -> Finding:
    """A release that is no good in one of these ways is noticed, said to have failed, and clients have what they had.

    That takes no more than `seconds` from the command on, in which no more than a `budget` of requests fails: 0.1 is a
    tenth. kinds: unready, errors, lying, slow, crashing, growing.
    """
    expected = f"noticed and taken back within {seconds:g} s, {budget:.0%} of requests failed at the most"
    changes = [(kind, seen.of(kind)) for kind in kinds]
    tried = [change for _, change in changes if change is not None]
    told = []
    for change in tried:
        failed, asked = len(seen.failed(change)), seen.asked(change)
        took = change.settled - change.began
        told.append(f"{change.name}: {took:.1f} s, {failed} of {asked} requests failed")
        if fact := _kept_bad(change, took=took, seconds=seconds, share=failed / max(asked, 1), budget=budget):
            return promise.broken(
                expected=expected,
                actual=told[-1],
                message=f"the bad release {change.name!r}: {fact}",
                hint="ask the new one itself, on the routes that clients use, before and after they get it",
                evidence=[*words_of(change), *evidence_of(seen)],
            )
    if len(tried) < len(kinds) or not seen.control:
        missing = ", ".join(kind for kind, change in changes if change is None)
        why = f"not tried: {missing}; {seen.trouble}" if missing else "the counter saw no failure of a dead application"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    return promise.kept(expected=expected, actual="; ".join(told), evidence=evidence_of(seen))


def _kept_bad(change: Change, *, took: float, seconds: float, share: float, budget: float) -> str:
    if not change.settled:
        return "clients are not all well afterwards"
    if change.after != change.before:
        return f"clients get {change.after or 'nobody knows what'} afterwards, not {change.before}"
    if not change.code:
        return f"`{change.command}` said that all is well"
    if took > seconds:
        return f"it took {took:.1f} s until clients were all well again"
    if share > budget:
        return f"{share:.1%} of the requests failed meanwhile"
    return ""


def _arrives(promise: Promise, seen: Release, name: str, *, expected: str) -> Finding:
    change = seen.of(name)
    if change is None:
        return promise.unknown(f"not tried: {name}; {seen.trouble}", expected=expected, evidence=evidence_of(seen))
    actual = f"{change.before} before, {change.after or 'nobody told'} after {change.wanted}"
    if change.code or change.after != change.wanted or not change.settled:
        fact = f"`{change.command}` ended with {change.code}, and clients get {change.after or 'nothing that is well'}"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{fact}, not {change.wanted}",
            hint="the application that runs has to be asked which release it is; a file says only what was meant",
            evidence=[*words_of(change), *evidence_of(seen)],
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence_of(seen))


def _doubt(seen: Rolled, changes: Sequence[Change]) -> str:
    """Why what was counted shows nothing; "" where it does."""
    if len(changes) < len((RELEASE, ROLL_BACK)):
        return f"releases were not changed: {seen.trouble}"
    if bad := next((change for change in changes if change.code), None):
        return f"`{bad.command}` ended with {bad.code}: {' / '.join(words_of(bad))}"
    if sum(map(seen.asked, changes)) < FEWEST:
        return "too few requests were made meanwhile"
    return "" if seen.control else "the counter saw no failure when the application was killed on purpose"
