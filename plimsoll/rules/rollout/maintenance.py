"""Whether everybody gets the maintenance page while it stands, and nobody any more once it is ended."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Change, Maintenance, Page, Read, Write
from plimsoll.rules.rollout.changes import evidence_of, line_of, words_of

__all__ = ["maintenance_announced"]

BEGIN, END = "begin-maintenance", "end-maintenance"
ANNOUNCED, OK = 503, 200
GRACE = 1.0
"""Seconds in which those who were connected before get their last answers of the application."""

RETRY = re.compile(r"[1-9]\d*|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
"""Seconds from now on, or a date (RFC 9110, 10.2.3)."""

HINT = (
    "`return 503;`, `error_page 503 /maintenance.html;` without `=200`, and there `add_header Retry-After 300 always;`"
)


def maintenance_announced(promise: Promise, seen: Maintenance) -> Finding:
    """While maintenance stands every request gets 503 with Retry-After and a page of the deployment's own.

    Nobody waits, nobody gets another error, and the operator gets the application's health. Once it is ended every
    request is answered well.
    """
    expected = "503 with Retry-After and a page for everybody while it stands, and for nobody afterwards"
    begin, end = seen.of(BEGIN), seen.of(END)
    if begin is None or end is None or not seen.pages:
        return promise.unknown(f"not tried: {seen.trouble}", expected=expected, evidence=evidence_of(seen))
    if fact := _wrong(seen, begin, end):
        change = end if end.code or not end.settled else begin
        return promise.broken(
            expected=expected,
            actual=fact,
            message=fact,
            hint=HINT,
            evidence=[*map(_line, seen.pages), *words_of(change), *evidence_of(seen)],
        )
    if not seen.control:
        why = "the counter saw no failure when the application was killed on purpose"
        return promise.unknown(why, expected=expected, evidence=evidence_of(seen))
    turned = sum(1 for read in seen.testimony.reads if begin.began <= read.at <= end.began and not read.good)
    actual = f"{turned} reads were turned away, each with {ANNOUNCED}; well again {end.settled - end.began:.1f} s later"
    return promise.kept(expected=expected, actual=actual, evidence=[*map(_line, seen.pages), *evidence_of(seen)])


def _wrong(seen: Maintenance, begin: Change, end: Change) -> str:
    """The first thing that is wrong; "" where nothing is."""
    for change in (begin, end):
        if change.code:
            return f"`{change.command}` ended with {change.code}: {' / '.join(words_of(change))}"
    for page in seen.pages:
        if fact := _unannounced(page):
            return f"while maintenance stands, {page.asked} {fact}"
    if fact := _noticed(seen, begin, end):
        return fact
    if seen.health and not any(page.status == OK for page in seen.health):
        return f"the operator gets no health while maintenance stands: {_line(seen.health[0])}"
    return "" if end.settled else f"`{end.command}` said that all is well, and clients are not all served again"


def _noticed(seen: Maintenance, begin: Change, end: Change) -> str:
    """What clients noticed who wrote and read all the time, that they should not have."""
    if through := _let_through(seen, begin.ended + GRACE, end.began):
        return f"{len(through)} requests reached the application while maintenance stands: {_when(through[0])}"
    if other := _otherwise(seen, begin.began, max(end.ended, end.settled)):
        return f"{len(other)} requests got something else than {ANNOUNCED}: {line_of(other[0])}"
    return ""


def _unannounced(page: Page) -> str:
    """What is wrong with what somebody got; "" where it says that there is maintenance, and until when."""
    if page.status != ANNOUNCED:
        return f"gets {page.status or page.trouble}, not {ANNOUNCED}"
    if not page.retry_after:
        return f"gets {ANNOUNCED} without Retry-After: nobody knows when to come again"
    if not RETRY.fullmatch(page.retry_after):
        return f"gets a Retry-After that is neither seconds nor a date: {page.retry_after!r}"
    return "" if page.own else "gets the server's own page, which says nothing of maintenance"


def _let_through(seen: Maintenance, since: float, until: float) -> list[Read | Write]:
    reads = [read for read in seen.testimony.reads if read.good and since <= read.at and read.at + read.seconds < until]
    writes = [w for w in seen.testimony.writes if w.acked is not None and since <= w.sent and w.acked < until]
    return [*reads, *writes]


def _otherwise(seen: Maintenance, since: float, until: float) -> list[Read | Write]:
    """Requests that failed in another way than by being turned away."""
    turned = f"status {ANNOUNCED}"
    reads: list[Read | Write] = [read for read in seen.testimony.reads if not read.good and since <= read.at <= until]
    writes = [write for write in seen.testimony.writes if write.acked is None and since <= write.sent <= until]
    return [request for request in (*reads, *writes) if request.trouble != turned]


def _when(request: Read | Write) -> str:
    at = request.sent if isinstance(request, Write) else request.at
    return f"a {'write' if isinstance(request, Write) else 'read'} at {at:.2f} s"


def _line(page: Page) -> str:
    told = f"status {page.status}" if page.status else page.trouble
    return (
        f"{page.asked}: {told}, Retry-After {page.retry_after or 'none'}, {'a' if page.own else 'no'} page of its own"
    )
