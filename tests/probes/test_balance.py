"""Replicas that count their answers show how an edge spreads the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.observations import Balance, Ejections
from plimsoll.probes.edge.balance import Meanwhile, Pool, ejected, spread
from tests.probes import hostile
from tests.probes.backends import Replica, replicas
from tests.probes.fronts import Front, asker, front
from tests.rules.test_any_input import judged

PROXY = "location / { proxy_pass http://app; }"


def pool_of(edge: Front) -> Pool:
    """The replicas behind it."""
    return Pool(asker=asker(edge), role="app", path="page")


def balance_of(pool: Pool) -> Balance:
    """What the rule reads."""
    return Balance(spreads=(spread(pool, "websocket"),), seen_at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("least_conn;", "kept"),
        ("", "a busy replica gets as much as the others"),
        ("hash constant;", "2 of 3 replicas get next to nothing"),
        ("ip_hash;", "2 of 3 replicas get next to nothing"),
    ],
)
def test_methods(tmp_path: Path, method: str, says: str) -> None:
    """While a WebSocket keeps one replica busy, least_conn spares it, and taking turns does not."""
    with replicas(3) as servers, front(tmp_path, PROXY, servers, method=method) as edge:
        seen = balance_of(pool_of(edge))
    assert says in judged("upstreams-balanced", seen, method="least_conn", busy="websocket", replicas=3).message
    assert sum(seen.spreads[0].served) == len(seen.spreads[0].exchanges) == 18


def test_replicas_that_do_not_count() -> None:
    """Without figures nobody can tell who answered."""
    with hostile.serving(hostile.closes_politely) as server:
        edge = Front(edge=server.address[1], app=(server.address[1],))
        assert spread(pool_of(edge), "").served == (0,)
    with hostile.nobody() as server, pytest.raises(CouldNotLook, match="does not say how much it answered"):
        spread(pool_of(Front(edge=server.address[1], app=(server.address[1],))), "")


@dataclass(frozen=True, kw_only=True)
class Breakable(Front):
    """A front whose replicas can be taken away: what stops listening comes back at the same port."""

    servers: tuple[Replica, ...]

    @contextmanager
    def interrupted(self, role: str, *, replica: int = 0) -> Iterator[None]:
        """While inside, that replica's port refuses."""
        assert role == "app"
        self.servers[replica - 1].close_port()
        yield
        self.servers[replica - 1].open_port()


@pytest.mark.parametrize(
    ("directives", "says"),
    [("", "kept"), ("proxy_next_upstream off; ", "clients notice")],
)
def test_a_dead_replica(tmp_path: Path, directives: str, says: str) -> None:
    """Nginx asks another replica, unless it may not; the dead one rests for its ten seconds."""
    with replicas(2) as servers, front(tmp_path, directives + PROXY, servers) as edge:
        stack = Breakable(edge=edge.edge, app=edge.app, servers=tuple(servers))
        seen = ejected(pool_of(stack), patience=0, returns_within=10)
    finding = judged("dead-peer-ejected", Ejections(seen=(seen,), seen_at=datetime.now(UTC)), fail_timeout=10)
    assert (seen.replicas, seen.dead) == (2, 2)
    assert says in finding.message
    assert seen.served_back[1] == 0  # it rests: nginx's default is 10 s after one failure


def test_one_replica_has_nobody_to_stand_in() -> None:
    """A pool of one cannot lose its only replica."""
    with replicas(1) as servers:
        stack = Breakable(edge=1, app=(int(servers[0].server_address[1]),), servers=tuple(servers))
        with pytest.raises(OutOfReach, match="one replica only"):
            ejected(pool_of(stack), patience=0, returns_within=10)


def test_requests_go_on_meanwhile(tmp_path: Path) -> None:
    """While something else happens clients ask, and not fewer times than tell something."""
    with replicas(1) as servers, front(tmp_path, PROXY, servers) as edge:
        with Meanwhile(pool_of(edge)).asking() as seen:
            pass
        assert len(seen) >= 10
    assert {e.status for e in seen} == {200}
