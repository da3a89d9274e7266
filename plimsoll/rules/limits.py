"""What the edge and the application refuse when a client asks too much, too large, or too slowly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import ApplicationBurst, Burst, EdgeBurst, HttpSurvey, SlowClients
from plimsoll.rules.texts import whole_number

__all__ = ["body_limited", "request_quota", "request_rate_limited", "slow_clients_cut_off"]

AREA = "edge"
"""The area a promise of these rules belongs to unless it says otherwise."""

TOO_LARGE = 413
TOO_MANY = 429
CUT_OFF_SLACK = 3.0
"""Seconds a time-out may come late: it counts from the last byte written, and buffers on the way swallow some first."""
CUT_OFF_EARLY = 0.5
"""A client cut off in less than this share of the promised time was cut off by something else."""
RATE_SLACK = 2
"""Requests more than the arithmetic allows: the bucket leaks while the first ones are under way."""


def request_rate_limited(
    promise: Promise, burst_seen: EdgeBurst, *, rate: float, burst: int, status: int = TOO_MANY
) -> Finding:
    """One client passes its burst at once and no more than the rate afterwards; the rest is refused as promised."""
    expected = f"{burst + 1} at once, then {rate:g}/s, the rest refused with {status}"
    passed = sum(s is not None and s < 400 for s in burst_seen.statuses)  # noqa: PLR2004 - below 400 is not refused
    refused = [s for s in burst_seen.statuses if s is not None and s >= 400]  # noqa: PLR2004 - likewise
    actual = f"{passed} of {len(burst_seen.statuses)} passed in {burst_seen.seconds:.2f} s; {_count(burst_seen)}"
    most = burst + 1 + rate * burst_seen.seconds + RATE_SLACK
    if missed := _missed(burst_seen, passed, burst):
        return promise.unknown(missed, expected=expected, actual=actual, evidence=_evidence(burst_seen))
    trouble = ""
    if not refused:
        trouble = f"nothing was refused: {passed} requests passed in {burst_seen.seconds:.2f} s"
    elif passed > most:
        trouble = f"{passed} requests passed where {most:.0f} may"
    elif passed < burst:
        trouble = f"only {passed} requests passed where a burst of {burst} may"
    elif set(refused) != {status}:
        trouble = f"refused with {', '.join(map(str, sorted(set(refused))))} instead of {status}"
    elif burst_seen.recovered is False:
        trouble = "the client was still refused after its allowance should have come back"
    elif burst_seen.regained and passed + burst_seen.regained > burst + 1 + rate * burst_seen.whole + RATE_SLACK:
        trouble = (
            f"the allowance comes back too fast: {burst_seen.regained} more requests passed when the client asked "
            f"again, {passed + burst_seen.regained} in {burst_seen.whole:.2f} s"
        )
    elif burst_seen.neighbour is not None and burst_seen.neighbour >= 400:  # noqa: PLR2004 - refused as well
        trouble = f"another client was refused with {burst_seen.neighbour} because of this one"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the edge does not throttle as promised: {trouble}",
            hint="nginx: limit_req zone=… burst=… nodelay where traffic goes, limit_req_status, $binary_remote_addr",
            evidence=_evidence(burst_seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=_evidence(burst_seen))


def request_quota(promise: Promise, burst_seen: ApplicationBurst, *, limit: int, window_seconds: int) -> Finding:
    """One client gets so many answers a window and says so in RateLimit headers; the next is 429 with Retry-After."""
    expected = f"{limit} requests per {window_seconds} s, announced in RateLimit headers, then 429 with Retry-After"
    actual = _count(burst_seen)
    first, refusal = burst_seen.first, burst_seen.refusal
    passed = sum(s is not None and s != TOO_MANY for s in burst_seen.statuses)
    trouble = ""
    if first is None:
        return promise.unknown("the first request was not answered", expected=expected, actual=actual)
    if missed := _missed(burst_seen, passed, limit):
        return promise.unknown(missed, expected=expected, actual=actual, evidence=_evidence(burst_seen))
    announced = {
        name: " | ".join(first.values(name)) for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    }
    if refusal is None:
        trouble = f"request {len(burst_seen.statuses)} of one client was still answered"
    elif passed != limit:
        trouble = f"{passed} requests were answered where {limit} may"
    elif missing := [name for name, value in announced.items() if not value]:
        trouble = f"{', '.join(missing)} missing on an answer"
    elif not _within(announced["RateLimit-Limit"], limit, limit) or not _within(
        announced["RateLimit-Reset"], 1, window_seconds
    ):
        trouble = f"announced {announced}"
    elif not _within(" ".join(refusal.values("Retry-After")), 1, window_seconds):
        trouble = f"the refusal says Retry-After: {' | '.join(refusal.values('Retry-After')) or 'nothing'}"
    elif burst_seen.neighbour is not None and burst_seen.neighbour == TOO_MANY:
        trouble = "another client was refused because of this one"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the application's quota is not as promised: {trouble}",
            hint="count per client address as the trusted proxy reports it, in one store shared by all replicas",
            evidence=_evidence(burst_seen),
        )
    return promise.kept(expected=expected, actual=f"{actual}; {announced}", evidence=_evidence(burst_seen))


def body_limited(promise: Promise, survey: HttpSurvey, *, bytes: int) -> Finding:  # noqa: A002 - the word a deployment file should use
    """A body of the limit's size goes through the edge; one byte more is refused with 413."""
    expected = f"{bytes} bytes pass, {bytes + 1} get 413"
    over = [e for e in survey.of("body-over") if e.sent == bytes + 1]
    under = [e for e in survey.of("body-limit") if e.sent == bytes]
    evidence = [f"{e.kind}: {e.where}" for e in (*under, *over)]
    unanswered = [e for e in (*over, *under) if e.status is None]
    if not over or not under or unanswered:
        why = unanswered[0].trouble if unanswered else "no such bodies were sent"
        return promise.unknown(
            f"the limit could not be tried: {why}",
            expected=expected,
            hint="" if unanswered else "bodies go to the private path under [paths], and never to a live target",
            evidence=evidence,
            out_of_reach=not unanswered,
        )
    actual = f"at the limit {under[0].status}, above it {over[0].status}"
    if over[0].status != TOO_LARGE:
        trouble = f"a body above {bytes} bytes was not refused with 413 but answered {over[0].status}"
    elif under[0].status == TOO_LARGE:
        trouble = f"a body of {bytes} bytes is refused already: the limit is lower than promised"
    else:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    return promise.broken(
        expected=expected, actual=actual, message=trouble, hint="nginx: client_max_body_size", evidence=evidence
    )


def slow_clients_cut_off(promise: Promise, clients: SlowClients, *, within: Mapping[str, int]) -> Finding:
    """Each kind of slow client is cut off at the promised number of seconds, and not long before it."""
    expected = ", ".join(f"{kind} after {seconds} s" for kind, seconds in within.items())
    cuts = {cut.kind: cut for cut in clients.cuts}
    evidence = [f"{c.kind}: {_cut(c.seconds, c.waited)} {c.detail}".rstrip() for c in clients.cuts if c.kind in within]
    if absent := [kind for kind in within if kind not in cuts]:
        return promise.unknown(
            f"no slow client of the kind {', '.join(absent)} could be tried",
            expected=expected,
            hint="a slow body is never sent to a live target; a slow reader needs the download path under [paths]",
            evidence=evidence,
            out_of_reach=True,
        )
    actual = ", ".join(f"{kind}: {_cut(cuts[kind].seconds, cuts[kind].waited)}" for kind in within)
    for kind, promised in within.items():
        cut = cuts[kind]
        if not cut.conclusive:
            return promise.unknown(f"{kind}: {cut.detail}", expected=expected, actual=actual, evidence=evidence)
        if cut.seconds is None and cut.waited < promised + CUT_OFF_SLACK:
            return promise.unknown(
                f"{kind}: waited {cut.waited:.1f} s only, {promised} s are promised", expected=expected, actual=actual
            )
        if cut.seconds is None or not promised * CUT_OFF_EARLY <= cut.seconds <= promised + CUT_OFF_SLACK:
            return promise.broken(
                expected=expected,
                actual=actual,
                message=f"a client slow with its {kind} is {_cut(cut.seconds, cut.waited)}, promised is {promised} s",
                hint="nginx: client_header_timeout, client_body_timeout, keepalive_timeout, send_timeout",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _cut(seconds: float | None, waited: float) -> str:
    return f"cut off after {seconds:.1f} s" if seconds is not None else f"still served after {waited:.1f} s"


def _count(burst: Burst) -> str:
    return ", ".join(f"{number} x {status or 'no answer'}" for status, number in Counter(burst.statuses).most_common())


def _missed(burst: Burst, passed: int, due: int) -> str:
    """Why the count says nothing, if it does not: those without an answer may be the ones that it lacks."""
    unanswered = len(burst.statuses) - burst.amount
    return (
        f"{unanswered} of {len(burst.statuses)} requests got no answer" if passed < due <= passed + unanswered else ""
    )


def _evidence(burst: Burst) -> list[str]:
    shown = [e for e in (burst.first, burst.refusal) if e is not None]
    return [f"{e.where} {dict(e.headers)}" for e in shown] + [
        f"recovered: {burst.recovered}",
        f"neighbour: {burst.neighbour}",
    ]


def _within(text: str, least: int, most: int) -> bool:
    number = whole_number(text)
    return number is not None and least <= number <= most
