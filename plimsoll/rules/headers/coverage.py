"""Every response that a promise about headers speaks of, and the holes among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, NginxConfig, Outage
from plimsoll.rules.headers.blame import line_to_blame

MISSING = "missing"
LONGEST = 160
"""Characters of a header that a message shows; the evidence has the rest."""
NOT_MODIFIED = 304
UNREAD = ("malformed", "long-uri", "long-header")
"""Requests that many servers refuse before they know which site is meant; no browser sends them of itself."""
ALWAYS_HINT = (
    "nginx: add_header needs `always` for error statuses; a block that adds one header drops all inherited ones"
)
ONCE_HINT = "send the header once, from one place"

Fault = Callable[[tuple[str, ...]], str | None]
"""Why the values that a header has on one response are wrong, "" if they speak for themselves; None if they are right.

No value at all is a header that is missing, whatever the fault says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One response on which a header is not as promised: what was seen instead, and why."""

    exchange: HttpExchange
    name: str
    seen: str
    why: str = ""

    def __str__(self) -> str:
        return self.clipped(len(self.seen))

    def clipped(self, most: int) -> str:
        """The hole in words, with at most that much of what was seen: why it is one comes last and must be read."""
        seen = self.seen if len(self.seen) <= most else f"{self.seen[:most]}…"
        return f"{self.exchange.where}: {seen}{f' ({self.why})' if self.why else ''}"


def responses_of(
    survey: HttpSurvey,
    outage: Outage | None = None,
    matrix: HeaderMatrix | None = None,
    *,
    role: str = "edge",
    on: tuple[str, ...] = (),
    except_on: tuple[str, ...] = (),
) -> list[HttpExchange]:
    """Every response one role gave to those path classes (all if none is named), those during the outage included.

    None while HTTPS keeps silent: what the plain port says of the site is no more than where it is.
    """
    seen = [each for source in (survey, matrix, outage) if source is not None for each in source.of(*on, role=role)]
    secure = [exchange for exchange in seen if exchange.url.startswith("https:")]
    if secure and all(exchange.status is None for exchange in secure):
        return []
    return [exchange for exchange in seen if exchange.status is not None and exchange.kind not in except_on]


def holes_in(responses: Sequence[HttpExchange], name: str, fault: Fault) -> list[Hole]:
    """The responses on which the header is not as promised. A 304 without it is none: what is stored keeps its own.

    (RFC 9111, 3.2: a 304 replaces only what it carries.)
    """
    found = []
    for exchange in responses:
        values = exchange.values(name)
        if exchange.status == NOT_MODIFIED and not values:
            continue
        if (why := fault(values)) is not None:
            found.append(Hole(exchange=exchange, name=name, seen=_seen(name, values), why=why if values else ""))
    return found


def once(wrong: Fault) -> Fault:
    """The fault of a header that has to come exactly once (RFC 9110, 5.3)."""
    return lambda values: wrong(values) if len(values) == 1 else ""


def explained(
    holes: Sequence[Hole], forwarded: ForwardedRequest | None, config: NginxConfig | None, *, role: str = "edge"
) -> list[Hole]:
    """The holes with the line that is to blame for each, as far as the other observations tell."""
    if role != "edge":
        return list(holes)
    upstream = {
        hole.name
        for hole in holes
        if forwarded is not None and forwarded.values(hole.name) and all(each.seen == MISSING for each in holes)
    }

    def reason(hole: Hole) -> str:
        if hole.name in upstream:
            return "it is sent upstream to the application instead of to the client"
        return line_to_blame(config, hole.exchange, hole.name, missing=hole.seen == MISSING) if config else ""

    return [replace(hole, why="; ".join(filter(None, (hole.why, reason(hole))))) for hole in holes]


def on_every_response(
    promise: Promise,
    responses: Sequence[HttpExchange],
    holes: Sequence[Hole],
    *,
    expected: str,
    hint: str = "",
    note: str = "",
) -> Finding:
    """PASS when no response is a hole; the message of a failure names how many, one of them, and the cause."""
    if not responses:
        return promise.unknown("no response was seen", expected=expected)
    if not holes:
        return promise.kept(
            expected=expected, actual=f"on all {len(responses)} responses{note}", evidence=_list(responses)
        )
    first = holes[0]
    where = {id(hole.exchange) for hole in holes if hole.name == first.name}
    share = "every response" if len(where) == len(responses) else f"{len(where)} of {len(responses)} responses"
    missing = first.seen == MISSING
    return promise.broken(
        expected=expected,
        actual=f"{first.name} is missing" if missing else first.seen,
        message=f"{first.name} is not as promised on {share}, e.g. {first.clipped(LONGEST)}",
        hint=hint or (ALWAYS_HINT if missing else ONCE_HINT),
        evidence=[f"{hole.exchange.kind}: {hole}" for hole in holes],
    )


def _seen(name: str, values: Sequence[str]) -> str:
    """What was seen, under its header's name: by that, what is secret can be told from what is not."""
    if not values:
        return MISSING
    same = "twice with the same value" if len(set(values)) == 1 else "with conflicting values"
    return f"{name}: {f'sent {same}: ' if len(values) > 1 else ''}{' | '.join(values)}"


def _list(responses: Sequence[HttpExchange]) -> list[str]:
    return [exchange.where for exchange in responses]
