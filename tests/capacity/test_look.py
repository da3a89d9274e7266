"""The search as it is made: its orders, its time, and its judges. The generator is a queue that answers at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import cast

import pytest

from plimsoll.deployment import DEPLOYMENTS, read_deployment
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.looks import Scene
from plimsoll.looks import capacity as look
from plimsoll.model import Deployment, Live, Outcome, Promise
from plimsoll.model.load import CLOSED, OPEN
from plimsoll.observations.load import Capacity, LoadRun, Order
from plimsoll.observations.load.capacity import FOUND, OUT_OF_TIME
from plimsoll.rules.capacity.answers import fit, law
from plimsoll.rules.capacity.headroom import headroom_kept
from plimsoll.stacks.protocol import Stack
from tests.capacity.waiting_line import run_of, users_of
from tests.quiet_stack import QuietStack


@dataclass
class Generator:
    """Answers each order with a queue's run, and keeps the orders; each takes `takes` seconds of its own clock."""

    takes: float = 0.0
    breaks_at: int = 99
    now: float = 0.0
    orders: list[Order] = field(default_factory=list)

    def __call__(self, order: Order, _: Stack, deployment: Deployment) -> LoadRun:
        """The run of that order."""
        assert deployment.name == order.deployment
        self.orders.append(order)
        self.now += self.takes
        if len(self.orders) >= self.breaks_at:
            raise CouldNotLook("the generator left no result")
        if order.plan.model == CLOSED:
            return users_of(order, alone=100.0, contention=0.05, coherency=0.002)
        (limit,) = order.plan.limits
        run = run_of(order.workload.requests, servers=2, service=0.02, limit=limit)
        return replace(run, plan=order.plan)

    def monotonic(self) -> float:
        """Its own clock."""
        return self.now


def found(monkeypatch: pytest.MonkeyPatch, generator: Generator, **changes: object) -> Capacity:
    """What the look finds of nestmap's promises on such a queue."""
    deployment = read_deployment(DEPLOYMENTS / "nestmap" / "deployment.toml")
    live = Live(url="https://site.example", allow=("load",))
    deployment = replace(deployment, live=live, hosts=(), **changes)  # type: ignore[arg-type] # as its fields say
    monkeypatch.setattr(look, "loaded", generator)
    monkeypatch.setattr(look, "SYSTEM_CLOCK", generator)
    seen = look.LOOKS[Capacity](Scene.of(deployment, cast(Stack, QuietStack(kind="live"))))
    assert isinstance(seen, Capacity)
    return seen


def test_promises_of_the_deployment_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers of 20 ms answer 100 requests a second; beyond, answers come later than promised."""
    generator = Generator()
    seen = found(monkeypatch, generator)

    assert seen.ended == FOUND
    assert seen.best is not None
    assert seen.broken is not None
    assert 85 <= seen.best.asked <= 100 < seen.broken.asked
    assert {said.promise for said in seen.best.said} >= {"NM-SLO-01", "NM-SLO-02"}
    assert seen.best.outcome is Outcome.PASS
    promise = Promise(id="X", rule="headroom-kept", area="capacity", title="", source="")
    assert headroom_kept(promise, seen, times=1.5).outcome is Outcome.PASS
    assert headroom_kept(promise, seen, times=4.0).outcome is Outcome.FAIL


def test_every_level_is_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its own rate, with the promises as objectives, and with numbers that no level before has used."""
    generator = Generator()
    found(monkeypatch, generator)
    orders = [order for order in generator.orders if order.plan.model == OPEN]

    assert orders[0].workload.rate == 30
    assert orders[1].workload.rate == 60
    for before, order in pairwise(orders):
        assert order.first > before.first + before.workload.rate * before.plan.seconds
        assert order.plan.ends_broken
        assert {each.promise for each in order.plan.objectives} == {"NM-SLO-01", "NM-SLO-02"}


def test_users_at_a_time_show_how_it_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the closed model, after the search and with numbers of their own; the law comes back from their levels."""
    generator = Generator()
    seen = found(monkeypatch, generator)
    *before, last = generator.orders

    assert [order.plan.model for order in before] == [OPEN] * len(before)
    assert last.plan.model == CLOSED
    assert last.first > max(order.first for order in before)
    assert [level.rate for level in seen.users] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert fit(seen).peak == pytest.approx(21.8, rel=0.02)
    assert "throughput peaks with 21." in " ".join(law(seen))


def test_the_search_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No level is begun that cannot come to something, and the last gets no more than is left."""
    generator = Generator(takes=100.0)
    seen = found(monkeypatch, generator)

    assert seen.ended == OUT_OF_TIME
    assert len(seen.levels) == 3
    assert [order.plan.phases[-1].seconds for order in generator.orders[:3]] == [300.0, 200.0, 100.0]


def test_a_generator_that_breaks_leaves_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels before it count; without any there is nothing to say."""
    seen = found(monkeypatch, Generator(breaks_at=3))

    assert (len(seen.levels), seen.trouble) == (2, "the generator left no result")
    with pytest.raises(CouldNotLook):
        found(monkeypatch, Generator(breaks_at=1))


def test_nothing_promised_is_nothing_to_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a target that allows no load is asked nothing."""
    generator = Generator()

    with pytest.raises(OutOfReach, match="promises nothing of its answers"):
        found(monkeypatch, generator, promises=())
    with pytest.raises(OutOfReach, match="does not say what its clients do"):
        found(monkeypatch, generator, workload=None)
    with pytest.raises(OutOfReach, match="does not allow load"):
        found(monkeypatch, generator, disposable=False)
    assert not generator.orders
