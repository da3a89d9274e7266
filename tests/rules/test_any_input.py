"""Whatever a server sends, rules judge it: nothing in an answer makes one raise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Finding, Outcome
from plimsoll.observations import ApplicationBurst, ForwardedRequest, HttpExchange, HttpSurvey, Outage
from plimsoll.rules import RULES
from plimsoll.rules.headers.csp import parsed, too_wide
from plimsoll.rules.texts import address, directives, whole_number
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Frame-Options",
    "Cache-Control",
    "Location",
    "Server",
    "Content-Type",
    "RateLimit-Limit",
    "RateLimit-Reset",
    "Retry-After",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "X-Cache-Status",
    "Set-Cookie",
    "Access-Control-Allow-Origin",
)
PIECES = (
    "max-age=",
    "default-src",
    "'self'",
    "https://[",
    "http://site.example:99999/",
    ";",
    ",",
    "=",
    '"',
    "'nonce-",
    "script-src ",
    "camera=(",
    "a=1; Secure",
    "localhost:1",
    "10.0.0.999",
    "²",
    "٣",
    "9" * 5000,
)
VALUES = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5).map(tuple)
EXCHANGES = st.builds(
    HttpExchange,
    kind=st.sampled_from(
        ("page", "redirect", "static", "public", "polluted", "dotfile", "metrics", "body-over", "body-limit")
    ),
    role=st.sampled_from(("edge", "app")),
    method=st.just("GET"),
    url=st.sampled_from(("https://site.example/", "http://site.example/a?b", "http://site.example:5000/metrics")),
    status=st.none() | st.sampled_from((200, 301, 400, 404, 413, 429, 502)),
    headers=HEADERS,
    body=st.binary(max_size=60)
    | st.sampled_from(
        (b"# TYPE up gauge\nup 1\n", b"nginx/1.26.0", b'{"db": ' * 30, b'[{"name": [], "db": {"up": {}}}]')
    ),
)
SURVEYS = st.builds(HttpSurvey, exchanges=st.lists(EXCHANGES, max_size=5).map(tuple), seen_at=st.just(NOW))
PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "header-equals": {"name": "X-Frame-Options", "value": "DENY"},
    "strict-transport-security": {"max_age": 1, "preload": True},
    "content-security-policy": {"allowed": {"default-src": ("'self'",), "script-src-elem": ("https:",)}},
    "version-hidden": {},
    "content-typed": {},
    "headers-absent": {"names": ("Server",), "allowed": {"Server": "nginx"}},
    "headers-retired": {},
    "headers-sent": {"headers": {"X-Frame-Options": "DENY"}},
    "framing-forbidden": {"same_origin": True},
    "referrer-policy": {},
    "permissions-policy": {"denied": ("camera",)},
    "cross-origin-isolated": {"embedder": "require-corp", "resource": "same-site"},
    "csp-strict": {"frame_ancestors": True, "styles": True, "dead": ("site.example",)},
    "private-not-cached": {"on": ("page",)},
    "cache-status-exposed": {},
    "cookies-protected": {"readable": ("a",)},
    "insides-hidden": {},
    "cache-control": {"on": "page", "value": "no-store", "also": {"Vary": "Accept"}, "present": ("ETag",)},
    "redirected-to-https": {},
    "paths-hidden": {"names": (".env",)},
    "inputs-validated": {},
    "polluted-input-rejected": {},
    "endpoint-answers": {"path": "metrics", "role": "app", "fields": ("status",), "says": {"up": "1"}, "on": ("page",)},
    "health-reports": {"path": "metrics", "role": "app", "components": ("database|db",)},
    "metrics-private": {"path": "metrics", "role": "app"},
    "metrics-exposed": {"path": "metrics", "role": "app", "port": 5000, "families": ("up",)},
    "body-limited": {"bytes": 1000},
}
"""Every rule that reads an HttpSurvey and nothing else that it needs, with parameters to judge by."""


def judged(rule: str, *seen: object, **parameters: Any) -> Finding:  # noqa: ANN401 - a rule's parameters are of any type
    """What the rule says; what it can do without is None."""
    optional = [None] * (len(RULES[rule].reads) - len(seen))
    return RULES[rule].judge(a_promise(rule), *seen, *optional, **parameters)


def test_every_rule_over_http_is_tried() -> None:
    """A new rule over HTTP belongs into the table above."""
    over_http = {
        name for name, rule in RULES.items() if [kind for kind, needed in rule.reads.items() if needed] == [HttpSurvey]
    }

    assert over_http == PARAMETERS.keys()


@pytest.mark.parametrize("rule", PARAMETERS)
@given(survey=SURVEYS)
@settings(max_examples=60, deadline=None)
def test_http_rules_judge_anything(rule: str, survey: HttpSurvey) -> None:
    """Any headers on any answers give a finding."""
    finding = judged(rule, survey, **PARAMETERS[rule])

    assert finding.message
    assert finding.outcome is not Outcome.NOT_APPLICABLE


@given(
    survey=SURVEYS, outage=st.none() | st.builds(Outage, exchanges=st.lists(EXCHANGES).map(tuple), seen_at=st.just(NOW))
)
@settings(max_examples=60, deadline=None)
def test_a_silent_server_keeps_no_header_promise(survey: HttpSurvey, outage: Outage | None) -> None:
    """PASS takes at least one answer of the edge that carries the header."""
    finding = judged("header-equals", survey, outage, name="X-Frame-Options", value="DENY")
    answers = [e for e in (*survey.of(), *(outage.of() if outage else ())) if e.status is not None]

    if finding.outcome is Outcome.PASS:
        assert all(len(answer.values("x-frame-options")) == 1 for answer in answers)
        assert answers


@given(
    first=EXCHANGES,
    refusal=st.none() | EXCHANGES,
    statuses=st.lists(st.none() | st.sampled_from((200, 429))).map(tuple),
)
@settings(max_examples=60, deadline=None)
def test_quota_judges_anything(
    first: HttpExchange, refusal: HttpExchange | None, statuses: tuple[int | None, ...]
) -> None:
    """Any RateLimit and Retry-After headers give a finding."""
    seen = ApplicationBurst(
        role="app",
        statuses=statuses,
        seconds=0.1,
        first=first,
        refusal=refusal,
        recovered=None,
        neighbour=None,
        seen_at=NOW,
    )

    assert judged("request-quota", seen, limit=3, window_seconds=900).message


@given(
    received=st.lists(
        st.tuples(st.sampled_from(("Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto")), VALUES)
    ).map(tuple)
)
@settings(max_examples=60, deadline=None)
def test_forwarding_judges_anything(received: tuple[tuple[str, str], ...]) -> None:
    """Any forwarding headers give a finding."""
    seen = ForwardedRequest(
        sent_host="site.example", sent_headers=(), client_address="127.0.0.9", received=received, seen_at=NOW
    )

    assert judged("client-forwarded", seen).message


@given(text=VALUES)
def test_parsers_are_total(text: str) -> None:
    """What reads a server's text returns something for every text."""
    assert all(name for name, _ in directives(text))
    assert all(name.strip() == name for name, _ in directives(text, separator=","))
    assert address(text).path
    assert isinstance(list(too_wide([text], {"default-src": ()})), list)
    assert all(name == name.lower() for name in parsed(text))
    number = whole_number(text)
    assert number is None or number >= 0


@given(number=st.integers(min_value=0, max_value=10**17), zeros=st.integers(min_value=0, max_value=30))
def test_whole_numbers_are_read(number: int, zeros: int) -> None:
    """Digits mean their number, whatever zeros stand before them."""
    assert whole_number("0" * zeros + str(number)) == number


@given(
    allowed=st.dictionaries(
        st.sampled_from(("default-src", "script-src", "img-src", "base-uri")),
        st.lists(st.sampled_from(("'self'", "https://a.example", "data:")), max_size=3).map(tuple),
        min_size=1,
    )
)
def test_a_policy_is_never_wider_than_itself(allowed: Mapping[str, tuple[str, ...]]) -> None:
    """A policy written down as allowed is allowed."""
    policy = "; ".join(" ".join((name, *sources)) for name, sources in allowed.items())

    assert list(too_wide([policy], allowed)) == []
