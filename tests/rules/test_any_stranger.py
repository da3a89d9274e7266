"""Whatever strangers are answered, rules judge it: nothing in an answer makes one raise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.observations import CrossOrigin, Echo, EchoedMarkup, HttpExchange, OriginTrial, Uninvited
from plimsoll.rules import RULES
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Content-Type")
VALUES = st.text(max_size=20) | st.sampled_from(("*", "null", "true", "https://a.example", "text/html"))
EXCHANGES = st.builds(
    HttpExchange,
    kind=st.sampled_from(("page", "public", "nowhere", "listing", "leftover", "inside")),
    role=st.just("edge"),
    method=st.just("GET"),
    url=st.sampled_from(("https://site.example/", "https://site.example/.git/config", "https://[::1]/x")),
    status=st.none() | st.sampled_from((200, 204, 302, 404, 429, 500)),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4).map(tuple),
    body=st.binary(max_size=40) | st.sampled_from((b"<title>Index of /", b"m<script>", b"at a.b(C.java:1)")),
)
TRIALS = st.builds(
    OriginTrial,
    kind=st.sampled_from(("foreign", "null", "promised", "suffix")),
    origin=st.sampled_from(("null", "https://a.example", "https://b.example")),
    preflight=st.booleans(),
    exchange=EXCHANGES,
)
ECHOES = st.builds(Echo, way=st.sampled_from(("stored", "reflected")), marker=st.just("m"), page=EXCHANGES)


@given(trials=st.lists(TRIALS, max_size=6).map(tuple), public=st.booleans())
@settings(max_examples=100, deadline=None)
def test_origins(trials: tuple[OriginTrial, ...], public: bool) -> None:
    """PASS takes an answer to a foreign and to a null origin, and one that lets the promised one in."""
    seen = CrossOrigin(trials=trials, seen_at=NOW)

    finding = RULES["cors-restricted"].judge(
        a_promise("cors-restricted"), seen, origins=("https://a.example",), public=public
    )

    assert finding.message
    if finding.outcome is Outcome.PASS:
        assert {"foreign", "null", "promised"} <= {t.kind for t in trials if t.exchange.status is not None}


@pytest.mark.parametrize("rule", ["directories-unlisted", "leftovers-hidden", "status-pages-hidden"])
@given(exchanges=st.lists(EXCHANGES, max_size=6).map(tuple))
@settings(max_examples=60, deadline=None)
def test_the_curious(rule: str, exchanges: tuple[HttpExchange, ...]) -> None:
    """PASS takes an ordinary page that was served."""
    finding = RULES[rule].judge(a_promise(rule), Uninvited(exchanges=exchanges, seen_at=NOW))

    assert finding.message
    if finding.outcome is Outcome.PASS:
        assert any(e.kind == "page" and e.status in (200, 204) for e in exchanges)


@given(echoes=st.lists(ECHOES, max_size=4).map(tuple), stored=st.booleans())
@settings(max_examples=60, deadline=None)
def test_markup(echoes: tuple[Echo, ...], stored: bool) -> None:
    """Where storing is promised, PASS takes a page that shows what was stored."""
    seen = EchoedMarkup(payloads=("<script>",), echoes=echoes, seen_at=NOW)

    finding = RULES["output-escaped"].judge(a_promise("output-escaped"), seen, stored=stored)

    assert finding.message
    if finding.outcome is Outcome.PASS and stored:
        assert any(echo.way == "stored" and b"m" in echo.page.body for echo in echoes)
