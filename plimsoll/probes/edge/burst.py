"""Requests sent as fast as possible by one client, and what it and another client got."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from plimsoll.observations import Burst, HttpExchange
from plimsoll.probes.connection import Trouble
from plimsoll.probes.conversation import Conversation
from plimsoll.probes.wire import DEADLINE, GLANCE, Client, Headers
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK, pause

Seen = TypeVar("Seen", bound=Burst)

CONNECTIONS = 4
"""Kept connections that share a burst: enough to keep a server busy, below any limit on connections."""

LIES = 6
"""Requests with a claimed address each, and as many without: what trickles back of the allowance serves both alike."""

SILENCES = 4
"""Requests without an answer, and none with one, after which no more are sent."""

LONGEST = 15.0
"""Seconds after which a burst ends that a server answers so slowly that it is none."""

CLAIMS = ("X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-IP")
"""Headers that proxies say a client's address in, beside Forwarded (RFC 7239)."""

NOBODY = "203.0.113"
"""The network of the addresses that a liar claims (TEST-NET-3, RFC 5737)."""

REFUSALS = frozenset({429, 503})
"""What a rate limit answers: RFC 6585, 4 and nginx's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who asks: from an address of the machine's, or as somebody a trusted proxy names in its headers."""

    source: str = ""
    headers: Headers = ()


def burst(
    kind: type[Seen],
    endpoint: Endpoint,
    visitor: Visitor,
    *,
    count: int,
    path: str = "/",
    neighbour: Visitor | None = None,
    recovery: float | None = None,
    again: int = 1,
    lies: int = 0,
    deadline: float = DEADLINE,
) -> Seen:
    """What `count` GETs sent at once by the visitor got, as that kind of burst.

    Straight afterwards the visitor sends `lies` more with other addresses claimed, then the neighbour one, and after
    `recovery` seconds of silence the visitor as many as `again` says; without, `neighbour` and `recovered` are None.
    """
    client = Client(endpoint, source=visitor.source, deadline=deadline, body_limit=GLANCE)
    started = SYSTEM_CLOCK.monotonic()
    numbers = _Numbers(count, until=started + LONGEST)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        workers = [pool.submit(_ask, client, path, visitor.headers, numbers) for _ in range(min(CONNECTIONS, count))]
        got = dict(pair for worker in workers for pair in worker.result())
    seconds = SYSTEM_CLOCK.monotonic() - started
    exchanges = [got[number] for number in sorted(got)]
    if not numbers.answered:
        lies, neighbour, recovery = 0, None, None
    honest, claimed = _lie(client, path, visitor.headers, lies)
    beside = Client(endpoint, source=neighbour.source, deadline=deadline) if neighbour else None
    other = beside.exchange("burst", "GET", path, headers=neighbour.headers).status if beside and neighbour else None
    later = [] if recovery is None else _later(client, path, visitor.headers, recovery, again)
    return kind(
        role=endpoint.role,
        statuses=tuple(got[number].status if number in got else None for number in range(count)),
        seconds=seconds,
        # the last one: an answer that failed on the way there is no refusal
        refusal=next((e for e in reversed(exchanges) if e.status in REFUSALS), None),
        first=exchanges[0] if exchanges else None,
        recovered=_passed(later[0].status) if later else None,
        neighbour=other,
        seen_at=datetime.now(UTC),
        regained=sum(_passed(exchange.status) is True for exchange in later),
        whole=SYSTEM_CLOCK.monotonic() - started,
        lies=claimed,
        honest=honest,
    )


def reported(address: str) -> Headers:
    """What a trusted proxy says of a client at that address."""
    return (("X-Real-IP", address), ("X-Forwarded-For", address))


def claims(number: int) -> Headers:
    """Every header that could name a client's address, naming one that nobody has."""
    address = f"{NOBODY}.{number % 254 + 1}"
    return (("Forwarded", f"for={address}"), *((name, address) for name in CLAIMS))


def _lie(client: Client, path: str, headers: Headers, count: int) -> tuple[tuple[int | None, ...], ...]:
    """What so many honest requests got, and what the same number of others, each of which claims another address.

    Who comes first takes turns, so that what trickles back of the allowance does not favour either.
    """
    got: dict[bool, list[int | None]] = {True: [], False: []}
    for number in range(count):
        for honest in (True, False) if number % 2 else (False, True):
            claimed = () if honest else claims(number)
            got[honest].append(client.exchange("burst", "GET", path, headers=(*headers, *claimed)).status)
    return tuple(got[True]), tuple(got[False])


class _Numbers:
    """The numbers of requests to send, each for one of several workers, as long as the server answers any in time."""

    def __init__(self, count: int, *, until: float) -> None:
        self._left = iter(range(count))
        self._until = until
        self._lock = threading.Lock()
        self._silences = 0
        self.answered = False

    def __iter__(self) -> Iterator[int]:
        while True:
            with self._lock:
                given_up = self._silences >= SILENCES and not self.answered
                late = SYSTEM_CLOCK.monotonic() > self._until
                number = None if given_up or late else next(self._left, None)
            if number is None:
                return
            yield number

    def told(self, exchange: HttpExchange) -> None:
        """Whether the server answered is known."""
        with self._lock:
            self.answered = self.answered or exchange.status is not None
            self._silences += exchange.status is None and not exchange.closed


def _ask(client: Client, path: str, headers: Headers, numbers: _Numbers) -> list[tuple[int, HttpExchange]]:
    """One exchange per number, over one connection as long as the server keeps it."""
    got: list[tuple[int, HttpExchange]] = []
    kept: Conversation | None = None
    for number in numbers:
        kept = _kept(client, kept)
        exchange = client.exchange("burst", "GET", path, headers=headers, over=kept)
        numbers.told(exchange)
        got.append((number, exchange))
    if kept is not None:
        kept.close()
    return got


def _kept(client: Client, before: Conversation | None) -> Conversation | None:
    """The connection of before if it can be used again, else a new one; None if there is none to be had."""
    if before is not None:
        if before.reusable:
            return before
        before.close()
    try:
        return client.connect()
    except Trouble:
        return None  # the exchange tries for itself and tells why


def _later(client: Client, path: str, headers: Headers, recovery: float, again: int) -> list[HttpExchange]:
    """What so many requests got after the silence."""
    pause(recovery)
    numbers = _Numbers(again, until=SYSTEM_CLOCK.monotonic() + LONGEST)
    return [exchange for _, exchange in _ask(client, path, headers, numbers)]


def _passed(status: int | None) -> bool | None:
    """Whether a request was let through; None if it was not answered."""
    return None if status is None else status not in REFUSALS
