"""How requests through the edge spread over the replicas behind it, which count for themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.observations import Ejection, HttpExchange, Spread
from plimsoll.probes.connection import Trouble
from plimsoll.probes.conversation import Conversation
from plimsoll.probes.edge.asker import Asker
from plimsoll.probes.wire import BODY_LIMIT, Client, Headers
from plimsoll.stacks.protocol import Endpoint, Interruptible, endpoints_of
from plimsoll.wait import SYSTEM_CLOCK, pause

ROUNDS = 6
"""Requests per replica: enough that a balancer by chance leaves one of three out in 1 of 500 looks at most."""

FEW_ROUNDS = 3
"""Requests per replica around an outage: as many as a dead one fails before it is ejected (max_fails)."""

LEAST = 10
"""Requests that go on at least while something else happens: fewer would hardly meet it."""

STILL = 0.05
"""Seconds of listening that tell whether a quiet connection is still there."""

SAMPLE = re.compile(
    rb"^(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>[^}]*)\})? (?P<value>[0-9.eE+-]+)", re.MULTILINE
)
"""One line of the text format of metrics (Prometheus, exposition format 0.0.4)."""

DEADLINE = 5.0
"""Seconds in which a replica says how much it answered."""

UPGRADE: Headers = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "cGxpbXNvbGwtcGxpbXNvbA=="),
)
SWITCHING = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The replicas of one role: what is asked of them through the edge, and the counter that each of them keeps."""

    asker: Asker
    role: str
    path: str
    counter: str = "http_requests_total"

    @property
    def replicas(self) -> tuple[Endpoint, ...]:
        """Every replica, asked at its first port."""
        found = endpoints_of(self.asker.stack, self.role)
        return tuple(endpoint for endpoint in found if endpoint.port == found[0].port)

    def counts(self) -> tuple[int, ...]:
        """How many requests each replica has answered, those for its figures aside. Raises CouldNotLook."""
        own = f"{self.role}-metrics"  # where one path serves not all roles
        kind = own if own in self.asker.deployment.paths else "metrics"
        if kind not in self.asker.deployment.paths:
            raise OutOfReach("this deployment names no path where a replica counts", hint='[paths] metrics = "/…"')
        path = self.asker.deployment.place(kind)[1]
        return tuple(self._count(replica, path) for replica in self.replicas)

    def _count(self, replica: Endpoint, path: str) -> int:
        return answered(replica, path, counter=self.counter, deadline=self.asker.deadline)

    def ask(self, number: int) -> tuple[HttpExchange, ...]:
        """So many requests through the edge, one after the other, from one address that has its whole allowance."""
        endpoint, path = self.asker.at(self.path)
        client = self.asker.visitors.client(endpoint)
        asked = HttpExchange(kind="balance", role="edge", method="GET", url=endpoint.url(path))
        return tuple(self.asker.heard(asked, lambda: client.exchange("balance", "GET", path)) for _ in range(number))

    def most(self, rounds: int) -> int:
        """Requests that are as many for every replica, and that one address may send at once."""
        return max(min(rounds * len(self.replicas), self.asker.deployment.limits.burst), len(self.replicas))

    def served(self, number: int) -> tuple[tuple[HttpExchange, ...], tuple[int, ...]]:
        """What so many requests got, and how many of them each replica answered."""
        before = self.counts()
        seen = self.ask(number)
        return seen, tuple(now - then for now, then in zip(self.counts(), before, strict=True))


def answered(replica: Endpoint, path: str, *, counter: str = "http_requests_total", deadline: float = DEADLINE) -> int:
    """How many requests a replica has answered, those for its figures at that path aside. Raises CouldNotLook."""
    told = Client(replica, deadline=deadline).exchange("counter", "GET", path)
    if told.status != 200:  # noqa: PLR2004 - figures come with success
        raise CouldNotLook(f"a replica of {replica.role} does not say how much it answered: {told.where}")
    return int(
        sum(
            float(sample["value"])
            for sample in SAMPLE.finditer(told.body)
            if sample["name"].decode() == counter and f'"{path}"'.encode() not in (sample["labels"] or b"")
        )
    )


def spread(pool: Pool, busy: str) -> Spread:
    """How requests spread over the replicas; with the path class of a WebSocket in `busy`, also while one is held.

    Only the pool behind the WebSocket's own host is kept busy by it.
    """
    exchanges, served = pool.served(pool.most(ROUNDS))
    beside = None
    places = pool.asker.deployment
    if busy in places.paths and places.place(busy)[0] == places.place(pool.path)[0]:
        with _held(pool, busy) as held:
            if held is not None:
                _, counted = pool.served(pool.most(FEW_ROUNDS))
                beside = counted if _still(held) else None
    return Spread(role=pool.role, exchanges=exchanges, served=served, beside=beside)


def ejected(pool: Pool, *, patience: float, returns_within: float) -> Ejection:
    """What clients get while the last replica is dead, and whether it is asked again once it is back.

    If it is not at once, it is asked again after `returns_within` seconds, unless that is beyond the patience.
    """
    if not isinstance(pool.asker.stack, Interruptible):
        raise OutOfReach(f"the replicas of a {pool.asker.stack.kind} stack are not ours to take down")
    number = len(pool.replicas)
    if number < 2:  # noqa: PLR2004 - who is alone cannot be stood in for
        raise OutOfReach(f"{pool.role} has one replica only: nobody stands in for it")
    with pool.asker.stack.interrupted(pool.role, replica=number):
        down = pool.ask(pool.most(FEW_ROUNDS))
    returned = SYSTEM_CLOCK.monotonic()
    back, served = pool.served(pool.most(FEW_ROUNDS))
    after = 0.0
    if not served[-1] and returns_within <= patience:
        pause(returns_within - (SYSTEM_CLOCK.monotonic() - returned))
        after = SYSTEM_CLOCK.monotonic() - returned
        back, served = pool.served(pool.most(FEW_ROUNDS))
    return Ejection(role=pool.role, replicas=number, dead=number, down=down, back=back, served_back=served, after=after)


class Meanwhile:
    """Requests that go on, one after the other, until somebody has had enough."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._enough = Lock()
        self._seen: list[HttpExchange] = []

    @contextmanager
    def asking(self) -> Iterator[Sequence[HttpExchange]]:
        """While inside, requests go on; what they got is whole once left."""
        self._enough.acquire()
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(self._go_on)
            try:
                yield self._seen
            finally:
                self._enough.release()
        going.result()

    def _go_on(self) -> None:
        while len(self._seen) < LEAST or not self._enough.acquire(blocking=False):
            self._seen += self._pool.ask(1)


@contextmanager
def _held(pool: Pool, busy: str) -> Iterator[Conversation | None]:
    """An open WebSocket through the edge, None where it does not open."""
    endpoint, path = pool.asker.at(busy)
    client = pool.asker.visitors.client(endpoint)
    pool.asker.visitors.source()
    try:
        connection = client.connect()
    except Trouble:
        yield None
        return
    with connection:
        try:
            answer, _ = connection.converse(client.request("GET", path, headers=UPGRADE), body_limit=BODY_LIMIT)
        except Trouble:
            yield None
            return
        yield connection if answer.status_code == SWITCHING else None


def _still(connection: Conversation) -> bool:
    """Whether the other side has not hung up."""
    connection.renew(STILL)
    try:
        return connection.receive() != b""
    except TimeoutError:
        return True
    except OSError:
        return False
