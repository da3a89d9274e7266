"""Whether the health endpoints told the truth while something was wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Fault, FaultTrials, Sign
from plimsoll.observations.drills.faults import (
    CACHE_KILLED,
    CACHE_PARTED,
    CERTIFICATE_EXPIRED,
    DATABASE_FROZEN,
    DATABASE_KILLED,
    DATABASE_PARTED,
    DETAILED,
    EVERYTHING_KILLED,
    LIVE,
    READY,
)
from plimsoll.rules.endpoints.states import is_well, state_of
from plimsoll.rules.resilience.told import chosen, lines

__all__ = ["health_names_culprit", "live_stays_up", "ready_tells_the_truth"]

PATIENCE = 1.0
"""Seconds after which whoever asks takes no answer for an answer (Kubernetes: timeoutSeconds is 1 unless stated)."""

OF_DATABASE, OF_CACHE = "database|postgresql|postgres|db|sql", "redis|cache"
CULPRITS = {
    DATABASE_KILLED: OF_DATABASE,
    DATABASE_FROZEN: OF_DATABASE,
    DATABASE_PARTED: OF_DATABASE,
    CACHE_KILLED: OF_CACHE,
    CACHE_PARTED: OF_CACHE,
}
"""By fault, the names under which reports speak of what it befell."""

SHOWN = 3


def ready_tells_the_truth(promise: Promise, seen: FaultTrials) -> Finding:
    """While the application can serve nobody, readiness says no, or nothing; once it serves again, it says yes.

    Faults that befall the application itself do not count, as nobody is there to say anything, nor does what befalls
    the edge alone: the application can serve, and is not asked.
    """
    expected = "readiness turns red whenever nobody is served"
    found, doubt = _of_others(seen, but=(CERTIFICATE_EXPIRED,))
    silenced = [fault for fault in found if not _serves(seen, fault)]
    for fault in silenced:
        signs = seen.meanwhile(fault, READY)
        if signs and not any(_red(sign) for sign in signs):
            return promise.broken(
                expected=expected,
                actual=f"{len(signs)} times {signs[-1].status}",
                message=f"{fault.what}: no request was answered well, and readiness said {signs[-1].status} all along",
                hint="readiness asks what no request can do without, with a time-out, and answers 503",
                evidence=[*map(_told, signs[-SHOWN:]), *lines(seen, [fault])],
            )
    if doubt or not silenced:
        why = doubt or "every fault left somebody served, so that readiness may have said yes"
        return promise.unknown(why, expected=expected, evidence=lines(seen))
    evidence = [_told(sign) for fault in silenced for sign in seen.meanwhile(fault, READY) if _red(sign)]
    actual = f"red in all {len(silenced)} faults that left nobody served"
    return promise.kept(expected=expected, actual=actual, evidence=[*evidence[:SHOWN], *lines(seen, silenced)])


def live_stays_up(promise: Promise, seen: FaultTrials) -> Finding:
    """Whatever befalls others, liveness says yes: who restarts the application for that makes it worse.

    One answer that comes late is none; two in a row are a failure.
    """
    expected = "liveness stays green while others fail"
    found, doubt = _of_others(seen)
    asked = 0
    for fault in found:
        if fault.name == EVERYTHING_KILLED and not fault.healed:
            continue  # who was not started again says nothing
        since = fault.struck if fault.name == EVERYTHING_KILLED else fault.began
        signs = [sign for sign in seen.signs if sign.question == LIVE and since <= sign.at <= fault.over]
        asked += len(signs)
        if bad := _flap(signs):
            return promise.broken(
                expected=expected,
                actual=_told(bad),
                message=f"{fault.what}, and liveness failed: {_said(bad)}",
                hint="liveness asks the process itself only, or the orchestrator restarts what is well",
                evidence=[_told(bad), *lines(seen, [fault])],
            )
    if doubt or not asked:
        return promise.unknown(doubt or "liveness was never asked", expected=expected, evidence=lines(seen))
    return promise.kept(expected=expected, actual=f"green {asked} times in a row", evidence=lines(seen, found))


def health_names_culprit(promise: Promise, seen: FaultTrials, *, faults: tuple[str, ...] = tuple(CULPRITS)) -> Finding:
    """While a dependency fails, detailed health answers in time, says that all is not well, and names that one."""
    expected = "detailed health names what fails"
    found, doubt = chosen(seen, faults)
    named: list[str] = []
    for fault in found:
        signs = seen.meanwhile(fault, DETAILED)
        names = CULPRITS[fault.name]
        guilty = next((sign for sign in signs if _names(sign, names)), None)
        if guilty is None:
            said = next((f"{_said(sign)}: {sign.said[:200]}" for sign in reversed(signs) if sign.said), "no answer")
            return promise.broken(
                expected=expected,
                actual=said,
                message=f"{fault.what}, and detailed health never named {names.partition('|')[0]} as what fails",
                hint="ask each dependency with a time-out of its own, name it with its state, and answer 503",
                evidence=[*map(_told, signs[:SHOWN]), *lines(seen, [fault])],
            )
        named.append(f"{fault.what}: {guilty.status}, {names.partition('|')[0]} {state_of(_report(guilty), names)}")
    if doubt:
        return promise.unknown(doubt, expected=expected, evidence=lines(seen))
    return promise.kept(expected=expected, actual="; ".join(named), evidence=[*named, *lines(seen, found)])


def _of_others(seen: FaultTrials, *, but: tuple[str, ...] = ()) -> tuple[list[Fault], str]:
    """Faults during which the application itself is there to say something, and why others show nothing."""
    own = {fault.name for fault in seen.faults if seen.application in fault.roles} - {EVERYTHING_KILLED}
    wanted = [fault.name for fault in seen.faults if fault.name not in {*own, *but}]
    return chosen(seen, wanted) if wanted else ([], f"nothing befell others: {seen.trouble}".removesuffix(": "))


def _serves(seen: FaultTrials, fault: Fault) -> bool:
    """Whether anybody was answered well between the moment it was there and its end."""
    reads = any(r.good for r in seen.testimony.reads if fault.struck <= r.at and r.at + r.seconds <= fault.ended)
    acked = (write.acked for write in seen.testimony.writes if write.sent >= fault.struck)
    return reads or any(moment is not None and moment <= fault.ended for moment in acked)


def _red(sign: Sign) -> bool:
    return not sign.well or sign.seconds > PATIENCE


def _flap(signs: Sequence[Sign]) -> Sign | None:
    """The first answer that says no, or the first of two that did not come in time."""
    said_no = [sign for sign in signs if sign.status is not None and not sign.well]
    lates = [one for one, other in pairwise(signs) if _red(one) and _red(other)]
    return min((*said_no, *lates), key=lambda sign: sign.at, default=None)


def _names(sign: Sign, names: str) -> bool:
    state = state_of(_report(sign), names)
    return not sign.well and state is not None and not is_well(state)


def _report(sign: Sign) -> object:
    try:
        return json.loads(sign.said)
    except (ValueError, RecursionError):
        return None


def _said(sign: Sign) -> str:
    return f"status {sign.status}" if sign.status is not None else sign.trouble or "no answer"


def _told(sign: Sign) -> str:
    return f"{sign.at:.2f} s: {sign.question}: {_said(sign)} after {sign.seconds:.2f} s"
