"""The policy owasp-headers holds with the headers that OWASP recommends, and each of them is missed when it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.model import Outcome, Promise
from plimsoll.observations import HttpExchange, HttpSurvey
from plimsoll.rules import RULES

RECOMMENDED: Mapping[str, str] = {
    "Cache-Control": "no-store, max-age=0",
    "Content-Security-Policy": "default-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'; "
    "frame-ancestors 'none'; upgrade-insecure-requests",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""What OWASP recommends (2026-07-19), save the features, which the policy itself lists."""
MISSED: Mapping[str, set[str]] = {
    "Cache-Control": {"OWASP-HDR-CACHE"},
    "Content-Security-Policy": {"OWASP-HDR-CSP", "OWASP-HDR-FRAMES"},
    "Cross-Origin-Embedder-Policy": {"OWASP-HDR-ORIGINS"},
    "Cross-Origin-Opener-Policy": {"OWASP-HDR-ORIGINS"},
    "Cross-Origin-Resource-Policy": {"OWASP-HDR-ORIGINS"},
    "Permissions-Policy": {"OWASP-HDR-FEATURES"},
    "Referrer-Policy": {"OWASP-HDR-REFERRER"},
    "Strict-Transport-Security": {"OWASP-HDR-HSTS"},
    "X-Content-Type-Options": {"OWASP-HDR-SNIFF"},
    "X-DNS-Prefetch-Control": {"OWASP-HDR-PLUGINS"},
    "X-Permitted-Cross-Domain-Policies": {"OWASP-HDR-PLUGINS"},
}
ADDED: Mapping[str, set[str]] = {
    "X-Powered-By": {"OWASP-HDR-TELLTALES", "OWASP-HDR-VERSION"},
    "X-XSS-Protection": {"OWASP-HDR-RETIRED"},
    "Server": {"OWASP-HDR-VERSION"},
}


@pytest.fixture(scope="module")
def promises(tmp_path_factory: pytest.TempPathFactory) -> tuple[Promise, ...]:
    file = tmp_path_factory.mktemp("owasp") / "deployment.toml"
    file.write_text('name = "a"\npolicies = ["owasp-headers"]\nlive = { url = "https://site.example" }\n')
    return read_deployment(file).promises


@pytest.fixture(scope="module")
def headers(promises: tuple[Promise, ...]) -> dict[str, str]:
    """What a site sends that does all that is recommended."""
    features = next(p for p in promises if p.id == "OWASP-HDR-FEATURES").parameters["denied"]
    assert isinstance(features, tuple)
    return {**RECOMMENDED, "Permissions-Policy": ", ".join(f"{feature}=()" for feature in features)}


def broken(promises: tuple[Promise, ...], headers: Mapping[str, str]) -> set[str]:
    """The promises that such headers on a page and a private path do not keep."""
    seen = tuple(
        HttpExchange(
            kind=kind,
            role="edge",
            method="GET",
            url=f"https://site.example/{kind}",
            status=200,
            headers=tuple(headers.items()),
        )
        for kind in ("page", "private")
    )
    survey = HttpSurvey(exchanges=seen, seen_at=datetime.now(UTC))
    judged = {
        p.id: RULES[p.rule].judge(p, survey, *[None] * (len(RULES[p.rule].reads) - 1), **p.parameters).outcome
        for p in promises
    }
    assert set(judged.values()) <= {Outcome.PASS, Outcome.FAIL}
    return {name for name, outcome in judged.items() if outcome is Outcome.FAIL}


def test_what_is_recommended_keeps_every_promise(promises: tuple[Promise, ...], headers: dict[str, str]) -> None:
    """Nothing more is asked than what the project recommends."""
    assert broken(promises, headers) == set()


@pytest.mark.parametrize("name", MISSED)
def test_every_recommended_header_is_missed(name: str, promises: tuple[Promise, ...], headers: dict[str, str]) -> None:
    """Nothing less either: without one of them, exactly its promises are broken."""
    assert broken(promises, {key: value for key, value in headers.items() if key != name}) == MISSED[name]


@pytest.mark.parametrize("name", ADDED)
def test_what_should_go_is_seen(name: str, promises: tuple[Promise, ...], headers: dict[str, str]) -> None:
    """A header that tells too much, or that browsers no longer read, breaks its promise alone."""
    assert broken(promises, {**headers, name: "thing/1.2"}) == ADDED[name]


def test_every_recommended_header_is_tried(headers: dict[str, str]) -> None:
    """A header added here belongs into the table of what is missed without it."""
    assert MISSED.keys() == headers.keys()
