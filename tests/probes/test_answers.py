"""The same address asked in several ways shows what is compressed, what is kept, and for whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from plimsoll.probes.edge.answers import cached, families, negotiated
from tests.probes.backends import replicas
from tests.probes.fronts import Front, asker, front
from tests.rules.test_any_input import judged

CACHE = "proxy_cache pages; add_header X-Cache-Status $upstream_cache_status always; "
VALID = "proxy_cache_valid 200 5m; proxy_cache_valid 404 1m; "
APART = "proxy_cache_bypass $http_authorization $http_cookie; proxy_no_cache $http_authorization $http_cookie; "
PROXY = "location / { proxy_pass http://app; }"
GZIP = "gzip on; gzip_types text/html; gzip_vary on; "


@pytest.mark.parametrize(
    ("directives", "says"),
    [
        (CACHE + VALID + APART, "kept"),
        (APART, "gets X-Cache-Status: nothing"),
        (CACHE + APART, "gets X-Cache-Status: MISS"),
        (CACHE + VALID, "a request with a cookie is answered from the cache"),
        (CACHE + VALID + APART + "proxy_cache_key $uri; ", "nobody asked for before"),
    ],
)
def test_caches(tmp_path: Path, directives: str, says: str) -> None:
    """A page that nobody asked for before is fetched once, and not kept for whoever says who he is."""
    with replicas(1) as servers, front(tmp_path, directives + PROXY, servers) as edge:
        asks = asker(edge)
        asks.get("page", "before")
        finding = judged("cached-briefly", cached(asks, ["page", "missing"]), on=("page", "missing"))
    assert says in finding.message


@pytest.mark.parametrize(
    ("directives", "says"),
    [
        (GZIP, "kept"),
        ("", "it comes as it is"),
        ("gzip on; gzip_types text/html; ", "no Vary: Accept-Encoding"),
        ("gzip on; gzip_vary on; gzip_min_length 1m; ", "it comes as it is"),
    ],
)
def test_compression(tmp_path: Path, directives: str, says: str) -> None:
    """Nginx compresses for whoever takes it, says so, and leaves the others alone."""
    with replicas(1) as servers, front(tmp_path, directives + PROXY, servers) as edge:
        finding = judged("compressed", negotiated(asker(edge), ["page"], ["gzip"]))
    assert says in finding.message


def test_families(tmp_path: Path) -> None:
    """Whoever listens on the second address alone is told from whoever answers alike on both."""
    with replicas(1) as servers, front(tmp_path, PROXY, servers) as edge:
        nobody = families(asker(edge), "::1")
        alike = families(asker(edge), "127.0.0.1")
        other = Front(edge=servers[0].server_address[1], app=())
        different = families(asker(other), "127.0.0.1")
    assert judged("families-alike", nobody).outcome is Outcome.FAIL
    assert judged("families-alike", alike).outcome is Outcome.PASS
    mixed = replace(alike, exchanges=(*alike.of("4 page"), *different.of("6 page")))
    assert "Server" in judged("families-alike", mixed).message
