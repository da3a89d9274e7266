"""What the edge and the application refuse when one client asks too often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ApplicationBurst, Burst, EdgeBurst, HttpExchange
from plimsoll.rules.texts import whole_number

__all__ = ["request_quota", "request_rate_limited"]

TOO_MANY = 429
BAD = 400
"""From here on a status is an error; what a limit refuses is one."""
RATE_SLACK = 2
"""Requests more than the arithmetic allows: the bucket leaks while the first ones are under way."""
BY_CHANCE = 1
"""Requests that may pass with a claimed address more than without: the allowance trickles back in between."""
LONGEST_RETRY = 86_400
"""Seconds: no edge sends its clients away for longer than a day."""

DATE = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
"""IMF-fixdate (RFC 9110, 5.6.7)."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def request_rate_limited(
    promise: Promise,
    burst_seen: EdgeBurst,
    *,
    rate: float = 0,
    burst: int = 0,
    status: int = TOO_MANY,
    or_status: int = 0,
    retry_after: bool = False,
) -> Finding:
    """One client passes its burst at once and no more than the rate afterwards; the rest is refused as promised.

    Without a rate, a flood is refused at some point and what came before it is not; when the client may come back is
    then not judged, as nobody said. Refusals have the status, or the other one; with `retry_after` they say when to
    come back. Claiming another address buys nothing.
    """
    allowed = {status, or_status or status}
    words = " or ".join(map(str, sorted(allowed))) + (" and Retry-After" if retry_after else "")
    expected = f"{burst + 1} at once, then {rate:g}/s, the rest" if rate else "of a flood, what is too much is"
    expected = f"{expected} refused with {words}, whatever address is claimed"
    passed = sum(s is not None and s < BAD for s in burst_seen.statuses)
    actual = f"{passed} of {len(burst_seen.statuses)} passed in {burst_seen.seconds:.2f} s; {_count(burst_seen)}"
    if missed := _missed(burst_seen, passed, burst if rate else 1) or ("" if rate else _none_refused(burst_seen)):
        return promise.unknown(missed, expected=expected, actual=actual, evidence=_evidence(burst_seen))
    trouble = (
        (_figures(burst_seen, passed, rate, burst) if rate else _flood(burst_seen, passed))
        or _refusals(burst_seen, allowed, retry_after=retry_after)
        or _others(burst_seen, passed, rate, burst)
    )
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the edge does not throttle as promised: {trouble}",
            hint="nginx: limit_req zone=… burst=… nodelay where traffic goes, limit_req_status, $binary_remote_addr",
            evidence=_evidence(burst_seen),
        )
    untold = "" if burst_seen.neighbour is not None else "; no second client was to be had"
    return promise.kept(expected=expected, actual=f"{actual}{untold}", evidence=_evidence(burst_seen))


def request_quota(
    promise: Promise,
    burst_seen: ApplicationBurst,
    *,
    limit: int,
    window_seconds: int = LONGEST_RETRY,
    status: int = TOO_MANY,
    announced: bool = True,
    role: str = "app",
) -> Finding:
    """One client gets so many answers a window and says so in RateLimit headers; the next is 429 with Retry-After.

    Without `announced`, neither RateLimit headers nor Retry-After are asked for. `role` is who counts.
    """
    headers, then = (", announced in RateLimit headers", " with Retry-After") if announced else ("", "")
    expected = f"{limit} requests per {window_seconds} s of {role}{headers}, then {status}{then}"
    actual = _count(burst_seen)
    first, refusal = burst_seen.first, burst_seen.refusal
    passed = sum(s is not None and s != status for s in burst_seen.statuses)
    if first is None:
        return promise.unknown("the first request was not answered", expected=expected, actual=actual)
    if missed := _missed(burst_seen, passed, limit):
        return promise.unknown(missed, expected=expected, actual=actual, evidence=_evidence(burst_seen))
    if refusal is None:
        trouble = f"request {len(burst_seen.statuses)} of one client was still answered"
    elif refusal.status != status:
        trouble = f"refused with {refusal.status} instead of {status}"
    elif passed != limit:
        trouble = f"{passed} requests were answered where {limit} may"
    elif burst_seen.neighbour == status:
        trouble = "another client was refused because of this one"
    else:
        trouble = _announced(first, refusal, limit, window_seconds) if announced else ""
    if trouble:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the quota of {role} is not as promised: {trouble}",
            hint="count per client address as the trusted proxy reports it, in one store shared by all replicas",
            evidence=_evidence(burst_seen),
        )
    return promise.kept(expected=expected, actual=actual, evidence=_evidence(burst_seen))


def _figures(seen: Burst, passed: int, rate: float, burst: int) -> str:
    """What does not fit the promised figures."""
    most = burst + 1 + rate * seen.seconds + RATE_SLACK
    if passed == len(seen.statuses):
        return f"nothing was refused: {passed} requests passed in {seen.seconds:.2f} s"
    if passed > most:
        return f"{passed} requests passed where {most:.0f} may"
    if passed < burst:
        shared = ", and another client was refused as well: all share one allowance"
        others = shared if seen.neighbour is not None and seen.neighbour >= BAD else ""
        return f"only {passed} requests passed where a burst of {burst} may{others}"
    return ""


def _flood(seen: Burst, passed: int) -> str:
    """What is wrong with a limit whose figures nobody stated."""
    if passed == len(seen.statuses):
        return f"nothing of a flood was refused: {passed} requests passed in {seen.seconds:.2f} s"
    return "" if passed else "every request was refused, the first ones as well"


def _refusals(seen: Burst, allowed: set[int], *, retry_after: bool) -> str:
    """What is wrong with the refusals."""
    statuses = {s for s in seen.statuses if s is not None and s >= BAD}
    if statuses - allowed:
        expected = " or ".join(map(str, sorted(allowed)))
        return f"refused with {', '.join(map(str, sorted(statuses)))} instead of {expected}"
    if retry_after and seen.refusal and not _comes_back(seen, seen.refusal):
        return f"a refusal says Retry-After: {' | '.join(seen.refusal.values('Retry-After')) or 'nothing'}"
    return ""


def _others(seen: Burst, passed: int, rate: float, burst: int) -> str:
    """What is wrong with those who come later, from elsewhere, or claim to."""
    lies, honest = (sum(s is not None and s < BAD for s in told) for told in (seen.lies, seen.honest))
    if lies == len(seen.lies) and lies > honest + BY_CHANCE:
        return f"the client, refused, got {lies} more answers by claiming other addresses in forwarding headers"
    if rate and seen.recovered is False:
        return "the client was still refused after its allowance should have come back"
    more = passed + seen.regained + lies + honest
    if rate and seen.regained and more > burst + 1 + rate * seen.whole + RATE_SLACK:
        return (
            f"the allowance comes back too fast: {seen.regained} more requests passed when the client asked again, "
            f"{more} in {seen.whole:.2f} s"
        )
    if seen.neighbour is not None and seen.neighbour >= BAD:
        return f"another client was refused with {seen.neighbour} because of this one"
    return ""


def _announced(first: HttpExchange, refusal: HttpExchange, limit: int, window: int) -> str:
    """What is wrong with the headers that announce a quota."""
    said = {
        name: " | ".join(first.values(name)) for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    }
    if missing := [name for name, value in said.items() if not value]:
        return f"{', '.join(missing)} missing on an answer"
    if not _within(said["RateLimit-Limit"], limit, limit) or not _within(said["RateLimit-Reset"], 1, window):
        return f"announced {said}"
    if not _within(" ".join(refusal.values("Retry-After")), 1, window):
        return f"the refusal says Retry-After: {' | '.join(refusal.values('Retry-After')) or 'nothing'}"
    return ""


def _comes_back(seen: Burst, refusal: HttpExchange) -> bool:
    """Whether a refusal says when to come back: in seconds, or on a date that is not over (RFC 9110, 10.2.3)."""
    said = " ".join(refusal.values("Retry-After"))
    if not (date := DATE.fullmatch(said)):
        return _within(said, 1, LONGEST_RETRY)
    day, month, *rest = date.groups()
    if month not in MONTHS:
        return False
    moment = (int(rest[0]), MONTHS.index(month) + 1, int(day), *map(int, rest[1:]))
    return moment >= tuple(seen.seen_at.utctimetuple())[:6]


def _count(burst: Burst) -> str:
    return tally(burst.statuses)


def tally(statuses: Sequence[int | None]) -> str:
    """How many requests got which status."""
    return ", ".join(f"{number} x {status or 'no answer'}" for status, number in Counter(statuses).most_common())


def _missed(burst: Burst, passed: int, due: int) -> str:
    """Why the count says nothing, if it does not: those without an answer may be the ones that it lacks."""
    unanswered = len(burst.statuses) - burst.amount
    return (
        f"{unanswered} of {len(burst.statuses)} requests got no answer" if passed < due <= passed + unanswered else ""
    )


def _none_refused(burst: Burst) -> str:
    """Why a flood says nothing of which some was not answered, or not even sent in time, and nothing refused."""
    unanswered = len(burst.statuses) - burst.amount
    refused = any(status is not None and status >= BAD for status in burst.statuses)
    return "" if refused or not unanswered else f"{unanswered} of {len(burst.statuses)} requests got no answer"


def _evidence(burst: Burst) -> list[str]:
    shown = [e for e in (burst.first, burst.refusal) if e is not None]
    return [f"{e.where} {dict(e.headers)}" for e in shown] + [
        f"recovered: {burst.recovered}",
        f"neighbour: {burst.neighbour}",
        f"with other addresses claimed: {tally(burst.lies) or 'not tried'}",
    ]


def _within(text: str, least: int, most: int) -> bool:
    number = whole_number(text)
    return number is not None and least <= number <= most
