"""The survey asks every host by its own name, and ends whatever a server does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.model import Deployment, Live
from plimsoll.observations import HttpSurvey
from plimsoll.probes.web import http, markup, origins, uninvited
from plimsoll.probes.web.askings import askings_of
from plimsoll.probes.web.cells import cells_of
from plimsoll.probes.web.hosts import endpoint_at
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK
from tests.probes import hostile
from tests.probes.conftest import Edge

DEADLINE = 0.25
MUST_END = 10.0
"""Seconds for one look at a server that never answers well: many times the deadline of one exchange."""
SHOP = Deployment(
    name="shop",
    root=Path(),
    hosts=("localhost", "www.localhost"),
    promises=(),
    paths={"page": "/", "static": "/download", "public": "//www.localhost/api", "private": "/mine"},
    live=Live(url="https://localhost", address="127.0.0.1", addresses={"www.localhost": "127.0.0.2"}),
)


ALONE = replace(SHOP, live=Live(url="http://localhost", address="127.0.0.1"))
"""The same shop, all of whose hosts are at one address."""


LOOKS: dict[str, Callable[[LiveStack, http.Visitors], HttpSurvey]] = {
    "survey": lambda stack, visitors: http.survey(stack, ALONE, visitors),
    "matrix": lambda stack, visitors: http.matrix(stack, ALONE, visitors),
    "curious": lambda stack, visitors: uninvited.survey(stack, ALONE, visitors),
}
SERVERS = {
    "tarpit": hostile.says_nothing,
    "slow header": hostile.slow_header,
    "slow body": hostile.slow_body,
    "endless headers": hostile.endless_headers,
    "endless body": hostile.endless_body,
    "header bomb": hostile.long_header,
    "garbage": hostile.tls_garbage,
    "reset": hostile.resets,
    "interim flood": hostile.interim_flood,
}


def served_by(edge: Endpoint) -> LiveStack:
    """The shop as it runs live at that endpoint."""
    stack = LiveStack(ALONE)
    stack.endpoints = (edge,)
    return stack


def plain(server: hostile.Server) -> LiveStack:
    """The shop as that server serves it."""
    return served_by(Endpoint(role="edge", scheme="http", host="localhost", port=80, address=server.address))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", SERVERS)
def test_a_hostile_server_ends_no_look_late(look: str, name: str) -> None:
    """Whatever a server does, the look ends, and says of every request what came of it."""
    with hostile.serving(SERVERS[name]) as server:
        stack, started = plain(server), SYSTEM_CLOCK.monotonic()

        seen = LOOKS[look](stack, http.Visitors(stack, ALONE, deadline=DEADLINE))

        assert SYSTEM_CLOCK.monotonic() - started < MUST_END
    assert seen.exchanges
    assert all((e.status is None) == bool(e.trouble) for e in seen.exchanges)


def test_a_silent_host_is_not_asked_for_ever() -> None:
    """Once some requests got no answer, and none got one, the rest are not sent."""
    with hostile.serving(hostile.says_nothing) as server:
        stack = plain(server)
        seen = uninvited.survey(stack, ALONE, http.Visitors(stack, ALONE, deadline=DEADLINE))

    assert seen.amount == 0
    assert any(e.trouble.startswith("not asked: ") for e in seen.exchanges)
    assert len(server.requests) < len(seen.exchanges) / 2


@pytest.mark.parametrize("name", ["tarpit", "garbage"])
def test_other_looks_end_too(name: str) -> None:
    """What scripts of other origins get, and what becomes of markup."""
    with hostile.serving(SERVERS[name]) as server:
        stack, started = plain(server), SYSTEM_CLOCK.monotonic()
        visitors = http.Visitors(stack, ALONE, deadline=DEADLINE)

        crossed = origins.survey(stack, ALONE, visitors, kinds=("page",), origins=("https://shop.example",))
        echoed = markup.survey(stack, ALONE, visitors, shown_on="board")

        assert SYSTEM_CLOCK.monotonic() - started < MUST_END
    assert (crossed.amount, echoed.amount) == (0, 0)
    assert crossed.trouble
    assert echoed.trouble


def test_every_host_is_asked_by_its_own_name(edge: Edge) -> None:
    """Over TLS by SNI, so that the virtual host answers and its certificate is checked."""
    stack = served_by(edge.endpoint("modern"))

    seen = http.matrix(stack, ALONE, http.Visitors(stack, ALONE, deadline=5.0))

    assert {e.host for e in seen.exchanges} == {"localhost", "www.localhost"}
    assert all(e.status is not None for e in seen.exchanges if e.kind == "page")
    assert {e.kind for e in seen.exchanges} >= {"malformed", "long-uri", "long-header", "missing", "hidden"}
    assert all(len(e.where) < 300 for e in seen.exchanges)


def test_a_path_class_is_asked_on_its_host() -> None:
    """`//host/path` names the host; without one it is the first."""
    asked = {(asking.kind, asking.host, asking.path) for asking in askings_of(SHOP)}

    assert {("public", "www.localhost", "/api"), ("private", "localhost", "/mine")} <= asked


def test_the_matrix_repeats_nothing_of_the_survey() -> None:
    """What the survey asks is not asked again."""
    surveyed = {(a.role, a.method, a.host, a.path, a.headers, a.body) for a in askings_of(SHOP)}
    cells = [(a.role, a.method, a.host, a.path, a.headers, a.body) for a in cells_of(SHOP)]

    assert cells
    assert not surveyed & set(cells)
    assert len(cells) == len(set(cells))


def test_a_live_host_has_an_address_of_its_own() -> None:
    """A host that resolves elsewhere is asked there; the port stays."""
    stack = LiveStack(SHOP)

    first, second = (endpoint_at(stack, SHOP, "edge", host) for host in SHOP.hosts)

    assert (first.host, first.address) == ("localhost", ("127.0.0.1", 443))
    assert (second.host, second.address) == ("www.localhost", ("127.0.0.2", 443))
