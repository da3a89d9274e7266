"""A burst shows where a rate limit bites, and whom."""

from __future__ import annotations

from plimsoll.observations import ApplicationBurst, EdgeBurst
from plimsoll.probes.edge.burst import Visitor, burst
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import Edge


def test_limited_server(edge: Edge) -> None:
    """Of 40 at once, 10 per second and a burst of 20 let some 21 pass; a neighbour and a later request pass too."""
    seen = burst(
        EdgeBurst,
        edge.endpoint("plain"),
        Visitor(),
        count=40,
        path="/limited",
        neighbour=Visitor(source="127.0.0.2"),
        recovery=0.3,
    )
    assert isinstance(seen, EdgeBurst)
    assert 21 <= seen.statuses.count(200) <= 21 + 10 * seen.seconds + 1
    assert seen.statuses.count(200) + seen.statuses.count(429) == len(seen.statuses) == seen.amount == 40
    assert seen.first is not None
    assert seen.first.status == 200
    assert seen.refusal is not None
    assert seen.refusal.status == 429
    assert seen.refusal.values("content-type") == ("text/html",)
    assert (seen.neighbour, seen.recovered) == (200, True)


def test_spent_client_does_not_recover_at_once(edge: Edge) -> None:
    """Without a pause the next request of the same client is refused as well."""
    seen = burst(EdgeBurst, edge.endpoint("plain"), Visitor(source="127.0.0.4"), count=40, path="/limited", recovery=0)
    assert seen.recovered is False
    assert seen.neighbour is None


def test_unlimited_server(edge: Edge) -> None:
    """Without a limit all pass and none is refused."""
    seen = burst(EdgeBurst, edge.endpoint("patient"), Visitor(source="127.0.0.5"), count=40)
    assert (set(seen.statuses), seen.refusal, seen.recovered) == ({200}, None, None)


def test_server_that_closes_after_each_answer() -> None:
    """Where no connection is kept, the burst goes on over new ones."""
    with hostile.serving(hostile.closes_politely) as server:
        endpoint = Endpoint(role="edge", scheme="http", host="a", port=80, address=server.address)
        assert burst(EdgeBurst, endpoint, Visitor(), count=12).statuses == (200,) * 12


def test_nothing_listening() -> None:
    """Where nobody listens, no answer is counted, and the first exchange tells why."""
    with hostile.nobody() as server:
        endpoint = Endpoint(role="edge", scheme="http", host="a", port=80, address=server.address)
        seen = burst(EdgeBurst, endpoint, Visitor(), count=8, recovery=0)
    assert (seen.amount, seen.statuses, seen.recovered) == (0, (None,) * 8, None)
    assert seen.first is not None
    assert seen.first.trouble.startswith("connection refused by")


def test_visitor_named_by_a_proxy() -> None:
    """Behind an edge a client is told apart by headers: every request of the burst carries them."""
    with hostile.serving(hostile.closes_politely) as server:
        endpoint = Endpoint(role="app", scheme="http", host="a", port=80, address=server.address)
        visitor, neighbour = (Visitor(headers=(("X-Real-IP", name),)) for name in ("192.0.2.1", "192.0.2.2"))
        seen = burst(ApplicationBurst, endpoint, visitor, count=4, neighbour=neighbour, recovery=0)
    assert (seen.role, seen.statuses, seen.neighbour, seen.recovered) == ("app", (200,) * 4, 200, True)
    named = [request.partition(b"X-Real-IP: ")[2][:9] for request in server.requests]
    assert sorted(named) == [b"192.0.2.1"] * 5 + [b"192.0.2.2"]
