"""Odd requests show what an edge believes, where it sends people, and what it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from plimsoll.observations import HttpSurvey
from plimsoll.probes.edge import odd
from plimsoll.probes.edge.asker import Asker
from plimsoll.wait import SYSTEM_CLOCK
from tests.probes import hostile
from tests.probes.backends import replicas
from tests.probes.fronts import Front, asker, front
from tests.rules.test_any_input import judged

PROXY = "location / { proxy_pass http://app; }"
MUST_END = 10.0
"""Seconds for a look at a server that never answers well: many times the deadline of one exchange."""
LOOKS: Mapping[str, Callable[[Asker], HttpSurvey]] = {
    "methods": odd.methods,
    "hosts": odd.host_claims,
    "lures": odd.lures,
    "spellings": lambda asks: odd.spellings(asks, [("metrics", "app")]),
}
SERVERS = {
    "tarpit": hostile.says_nothing,
    "slow header": hostile.slow_header,
    "endless body": hostile.endless_body,
    "header bomb": hostile.long_header,
    "garbage": hostile.tls_garbage,
    "reset": hostile.resets,
}
RULES = {
    "methods": "methods-limited",
    "hosts": "host-pinned",
    "lures": "redirects-stay",
    "spellings": "paths-normalised",
}


def test_nginx_as_it_comes(tmp_path: Path) -> None:
    """Nginx refuses TRACE and two hosts, but serves one site under any name."""
    with replicas(1) as servers, front(tmp_path, PROXY, servers) as edge:
        methods, hosts = odd.methods(asker(edge)), odd.host_claims(asker(edge))
    statuses = {e.method: e.status for e in methods.exchanges}
    assert (statuses["GET"], statuses["TRACE"], statuses["CONNECT"]) == (200, 405, 405)
    assert {e.status for e in hosts.of("twice", "missing")} == {400}
    assert judged("methods-limited", methods).outcome is Outcome.PASS
    assert "served under any name" in judged("host-pinned", hosts).message


def test_a_name_that_is_ours_alone(tmp_path: Path) -> None:
    """With a default server that closes, no claim of another host is believed."""
    pinned = "if ($host != localhost) { return 444; }" + PROXY
    with replicas(1) as servers, front(tmp_path, pinned, servers) as edge:
        seen = odd.host_claims(asker(edge))
    assert [e.cut for e in seen.of("unknown", "absolute")] == [True, True]
    assert judged("host-pinned", seen).outcome is Outcome.PASS


def test_a_redirect_to_whoever_asks(tmp_path: Path) -> None:
    """A redirect that is made of the client's words is seen to lead to a stranger."""
    gullible = "location / { return 301 https://$http_x_forwarded_host$request_uri; }"
    with replicas(1) as servers, front(tmp_path, gullible, servers) as edge:
        seen = odd.host_claims(asker(edge))
    assert "a client's X-Forwarded-Host or the like says" in judged("host-pinned", seen).message


@pytest.mark.parametrize(
    ("served", "says"),
    [
        ("location / { return 301 http://localhost$uri; }", "that its address planted"),
        ("location / { if ($arg_next) { return 302 $arg_next; } proxy_pass http://app; }", "leads to https://plimsoll"),
        ("absolute_redirect off; location ~ ^/.+ { return 301 $request_uri/; } " + PROXY, "leads to //"),
    ],
)
def test_lures(tmp_path: Path, served: str, says: str) -> None:
    """Decoded line breaks, a parameter, and two slashes in front lead astray where a server lets them."""
    with replicas(1) as servers, front(tmp_path, served, servers) as edge:
        finding = judged("redirects-stay", odd.lures(asker(edge)))
    assert (finding.outcome, says in finding.message) == (Outcome.FAIL, True)


def test_nobody_is_lured_by_an_honest_edge(tmp_path: Path) -> None:
    """What is only proxied leads nowhere."""
    with replicas(1) as servers, front(tmp_path, PROXY, servers) as edge:
        assert judged("redirects-stay", odd.lures(asker(edge))).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("closing", "outcome"),
    [
        ("location = /metrics { return 404; }", Outcome.PASS),
        ("location ~ ^/+metrics$ { return 404; }", Outcome.PASS),
        ("if ($request_uri = /metrics) { return 404; }", Outcome.FAIL),
        ("", Outcome.FAIL),
    ],
)
def test_spellings(tmp_path: Path, closing: str, outcome: Outcome) -> None:
    """A location matches what is decoded and merged; a comparison with what was sent matches one spelling."""
    with replicas(1) as servers, front(tmp_path, closing + PROXY, servers) as edge:
        seen = odd.spellings(asker(edge), [("metrics", "app")])
    assert seen.of("metrics", role="app")[0].status == 200
    assert judged("paths-normalised", seen, path="metrics").outcome is outcome


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("talk", SERVERS)
def test_hostile_servers(look: str, talk: str) -> None:
    """Whatever a server does, every look ends soon, and nothing about it is claimed."""
    with hostile.serving(SERVERS[talk]) as server:
        edge = Front(edge=server.address[1], app=())
        asks: Asker = asker(edge, deadline=0.25)
        started = SYSTEM_CLOCK.monotonic()
        seen = LOOKS[look](asks)
        seconds = SYSTEM_CLOCK.monotonic() - started
    parameters = {"path": "metrics"} if look == "spellings" else {}
    assert seconds < MUST_END
    harmless = talk == "endless body" and look in ("lures", "spellings")  # the same page for every address
    assert (judged(RULES[look], seen, **parameters).outcome is Outcome.PASS) == harmless
