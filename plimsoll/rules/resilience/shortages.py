"""What clients notice of what is bad and not broken: a replica that does not stay, a network, a clock, a disk."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import FaultTrials
from plimsoll.observations.drills.faults import (
    AFTER,
    CLOCK_SKEWED,
    MEANWHILE,
    NETWORK_SLOW,
    REPLICA_LOOPS,
    UPLOADS_FULL,
    Pass,
    Upload,
)
from plimsoll.rules.resilience.told import chosen, line, lines

__all__ = ["clock_skew_fails_nobody", "full_disk_is_told", "slow_network_fails_nobody", "survives_restart_loop"]

FEWEST = 20
"""Requests without which nothing is known of a fault: a quarter of a second of them."""

SERVERS_OWN = range(500, 600)
"""Statuses by which a server says that the fault is its own (RFC 9110, 15.6; 507: RFC 4918, 11.5)."""


def survives_restart_loop(promise: Promise, seen: FaultTrials, *, budget: float = 0.1) -> Finding:
    """One of several replicas dies whenever it is started, and no more than a `budget` of all requests fails."""
    return _few_fail(
        promise,
        seen,
        fault=REPLICA_LOOPS,
        budget=budget,
        hint="proxy_next_upstream error timeout, max_fails above 0: who does not stay is not asked for a while",
    )


def slow_network_fails_nobody(promise: Promise, seen: FaultTrials, *, budget: float = 0.1) -> Finding:
    """What the application needs answers late, and no more than a `budget` of all requests fails: it takes longer."""
    return _few_fail(
        promise,
        seen,
        fault=NETWORK_SLOW,
        budget=budget,
        hint="enough connections for requests that take ten times as long, and time-outs longer than that",
    )


def clock_skew_fails_nobody(promise: Promise, seen: FaultTrials, *, budget: float = 0.1) -> Finding:
    """One replica's clock is ahead, and the replicas take each other's tokens; its liveness and readiness say yes.

    No more than a `budget` of all requests fails.
    """
    expected = "each replica takes the tokens of every other, and the one that is ahead is well by its own words"
    hint = "checks of a token's time allow for a minute; NTP on every host, and an alert where it fails"
    fault = seen.of(CLOCK_SKEWED)
    told = [_passed(each) for each in seen.passes]
    if fault and not told:
        return promise.unknown("nobody signed in meanwhile", expected=expected, evidence=lines(seen))
    refused = [_passed(each) for each in seen.passes if not each.taken]
    refused += [f"its {sign.question} said {sign.status or sign.trouble}" for sign in seen.signs_ahead if not sign.well]
    if fault and refused:
        return promise.broken(
            expected=expected,
            actual="; ".join(refused),
            message=f"{fault.what}, and {refused[0]}",
            hint=hint,
            evidence=[*told, *lines(seen, [fault])],
        )
    return _few_fail(promise, seen, fault=CLOCK_SKEWED, budget=budget, hint=hint, evidence=told)


def full_disk_is_told(promise: Promise, seen: FaultTrials, *, budget: float = 0.1) -> Finding:
    """While the disk of uploads is full, who sends a file is told so by a status of the server's own faults, 5xx.

    What is confirmed is there afterwards, byte for byte; other requests go on, but for a `budget` of them; and once
    there is room files are taken again.
    """
    expected = "a file that has no room is refused with 5xx, what was confirmed is there, and all else goes on"
    if UPLOADS_FULL in seen.skipped:
        return promise.not_applicable(seen.skipped[UPLOADS_FULL])
    found, doubt = chosen(seen, (UPLOADS_FULL,))
    if doubt or not seen.uploads:
        return promise.unknown(doubt or "nobody sent a file", expected=expected, evidence=lines(seen))
    fault = found[0]
    evidence = [*map(_sent, seen.uploads), *lines(seen, found)]
    meanwhile = [each for each in seen.uploads if each.stage == MEANWHILE]
    if all(each.kept for each in meanwhile):
        return promise.unknown("files found room elsewhere", expected=expected, evidence=evidence)
    wrong = _untold(seen)
    share = len(seen.failed(fault)) / max(seen.asked(fault), 1)
    if not wrong and share > budget:
        wrong = f"{share:.1%} of all other requests failed"
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(map(_sent, meanwhile)),
            message=f"{fault.what}, and {wrong}",
            hint="write and rename the file before it is confirmed; answer 507, and let no error page say 200",
            evidence=evidence,
        )
    refused = [each for each in seen.uploads if each.kept is None]
    actual = f"{len(refused)} files refused with {refused[0].status}, {len(seen.uploads) - len(refused)} kept"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _few_fail(
    promise: Promise, seen: FaultTrials, *, fault: str, budget: float, hint: str, evidence: Sequence[str] = ()
) -> Finding:
    """During that fault, and until all is well, no more than a budget of all requests failed."""
    expected = f"no more than {budget:.0%} of all requests fail"
    if fault in seen.skipped:
        return promise.not_applicable(seen.skipped[fault])
    found, doubt = chosen(seen, (fault,))
    if doubt or seen.asked(found[0]) < FEWEST:
        return promise.unknown(doubt or "too few requests were made meanwhile", expected=expected, evidence=lines(seen))
    failed, asked = seen.failed(found[0]), seen.asked(found[0])
    actual = f"{len(failed)} of {asked} requests failed"
    if len(failed) > budget * asked:
        return promise.broken(
            expected=expected,
            actual=line(seen, found[0]),
            message=f"{found[0].what}, and {len(failed) / asked:.1%} of all requests failed: {failed[0].trouble}",
            hint=hint,
            evidence=[*evidence, *lines(seen, found)],
        )
    return promise.kept(expected=expected, actual=actual, evidence=[*evidence, *lines(seen, found)])


def _untold(seen: FaultTrials) -> str:
    """What is wrong with how files fared; "" for nothing."""
    if lost := [each for each in seen.uploads if each.kept is False]:
        return f"{len(lost)} files that were confirmed with {lost[0].status} are not there, or are not what was sent"
    refused = [each for each in seen.uploads if each.stage == MEANWHILE and each.kept is None]
    if odd := [each for each in refused if each.status not in SERVERS_OWN]:
        return (
            f"who sent a file was told {odd[0].status or odd[0].trouble or 'nothing'}, not that the server has no room"
        )
    after = [each for each in seen.uploads if each.stage == AFTER]
    if not any(each.kept for each in after):
        said = after[-1].status if after else "nothing"
        return f"no file was taken once there was room again: {said}"
    return ""


def _sent(it: Upload) -> str:
    kept = {True: ", and it is there", False: ", and it is not there", None: ""}[it.kept]
    return f"{it.at:.2f} s, {it.stage}: {it.status or it.trouble or 'no answer'}{kept}"


def _passed(it: Pass) -> str:
    said = "taken" if it.taken else f"refused with {it.status}" if it.status else f"not taken: {it.trouble}"
    return f"who signed in at replica {it.issuer} was {said} at replica {it.taker}"
