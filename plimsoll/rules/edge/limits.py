"""What the edge and the application refuse when a client asks for too much at once, or too slowly."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpSurvey, SlowClients

__all__ = ["body_limited", "slow_clients_cut_off"]

TOO_LARGE = 413
CUT_OFF_SLACK = 3.0
"""Seconds a time-out may come late: it counts from the last byte written, and buffers on the way swallow some first."""
CUT_OFF_EARLY = 0.5
"""A client cut off in less than this share of the promised time was cut off by something else."""


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
