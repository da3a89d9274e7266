"""Whatever a TLS survey saw, rules judge it: nothing in it makes one raise, and silence keeps no promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.observations import Certificate, Chain, Handshake, TlsSurvey, TlsSurveys
from plimsoll.observations.tls import VERSIONS
from plimsoll.rules import RULES
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "certificate-chain": {},
    "certificate-issuer": {"issuer": "Sample"},
    "certificate-key": {},
    "certificate-names": {},
    "certificate-revocation": {"stapled": True},
    "certificate-valid": {"days_left": 1, "max_days": 90},
    "http2-offered": {},
    "tls-compression": {},
    "tls-groups": {"allowed": ("x25519", "DH 2048"), "offered": ("X25519MLKEM768",)},
    "tls-order": {"decides": "client"},
    "tls-renegotiation": {},
    "tls-resumption": {"by": ("TLSv1.2 ids",), "not_by": ("TLSv1.3 tickets",)},
    "tls-suites": {"allowed": ("AES128-SHA", "TLS_AES_128_GCM_SHA256")},
    "tls-versions": {"versions": ("TLSv1.2", "TLSv1.3"), "or_fewer": True},
    "traffic-encrypted": {"versions": ("TLSv1.3",)},
}
"""Every rule that reads TLS surveys, with parameters to judge by."""

WORDS = st.sampled_from(("", "x25519", "X25519MLKEM768", "DH 1024", "DH ²", "DH ", "AES128-SHA", "RSA", "RSA x", "ED²"))
HANDSHAKES = st.builds(
    Handshake,
    version=st.sampled_from(VERSIONS),
    outcome=st.sampled_from(("accepted", "refused", "unmeasured")),
    suite=WORDS,
    group=WORDS,
    detail=WORDS,
)
MOMENTS = st.integers(min_value=-400, max_value=400).map(lambda days: NOW + timedelta(days=days))
CERTIFICATES = st.builds(
    Certificate,
    names=st.lists(WORDS, max_size=2).map(tuple),
    issuer=WORDS,
    subject=WORDS,
    not_before=MOMENTS,
    not_after=MOMENTS,
    key=WORDS,
    signature=WORDS,
)
CHAINS = st.builds(
    Chain, certificates=st.lists(CERTIFICATES, min_size=1, max_size=3).map(tuple), trouble=st.none() | WORDS
)
MAYBE = st.none() | st.booleans()
SURVEYS = st.builds(
    TlsSurvey,
    scheme=st.sampled_from(("https", "http", "postgresql")),
    host=st.just("site.example"),
    versions=st.lists(HANDSHAKES, max_size=3).map(tuple),
    suites=st.lists(HANDSHAKES, max_size=3).map(tuple),
    groups=st.lists(HANDSHAKES, max_size=3).map(tuple),
    orders=st.dictionaries(st.sampled_from(VERSIONS), st.sampled_from(("client", "server"))),
    chains=st.lists(CHAINS, max_size=2).map(tuple),
    resumed=st.dictionaries(st.sampled_from(("TLSv1.2 ids", "TLSv1.3 tickets")), st.booleans()),
    compressed=MAYBE,
    secure_renegotiation=MAYBE,
    renegotiates=MAYBE,
    plaintext=MAYBE,
    trouble=WORDS,
    seen_at=st.just(NOW),
)


def test_every_rule_over_tls_is_tried() -> None:
    """A new rule over TLS belongs into the table above."""
    assert {name for name, rule in RULES.items() if TlsSurveys in rule.reads} == PARAMETERS.keys()


@pytest.mark.parametrize("rule", PARAMETERS)
@given(found=st.lists(SURVEYS, max_size=3).map(tuple))
@settings(max_examples=60, deadline=None)
def test_tls_rules_judge_anything(rule: str, found: tuple[TlsSurvey, ...]) -> None:
    """Any surveys give a finding; none is kept without a version that was accepted."""
    optional = [None] * (len(RULES[rule].reads) - 1)
    seen = TlsSurveys(surveys=found, seen_at=NOW)

    finding = RULES[rule].judge(a_promise(rule), seen, *optional, **PARAMETERS[rule])

    assert finding.message
    if finding.outcome is Outcome.PASS:
        assert all(survey.amount for survey in found)
        assert found


@pytest.mark.parametrize("rule", PARAMETERS)
def test_nothing_surveyed_keeps_nothing(rule: str) -> None:
    """Without a survey every promise over TLS is unknown."""
    optional = [None] * (len(RULES[rule].reads) - 1)
    finding = RULES[rule].judge(a_promise(rule), TlsSurveys(surveys=(), seen_at=NOW), *optional, **PARAMETERS[rule])

    assert finding.outcome is Outcome.UNKNOWN
