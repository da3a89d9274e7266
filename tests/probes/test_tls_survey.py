"""The TLS survey reports what the server does, and never this machine's own limits."""

from __future__ import annotations

import ssl
import time

import pytest

from plimsoll.errors import CouldNotLook
from plimsoll.observations import TlsSurvey
from plimsoll.probes import handshake
from plimsoll.probes.tls import survey
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline
from tests.probes import hostile
from tests.probes.conftest import Authority, Edge

DEADLINE = 0.4
MARGIN = 0.4


def versions(seen: TlsSurvey) -> dict[str, str]:
    """The outcome per version."""
    return {shaken.version: shaken.outcome for shaken in seen.versions}


def accepted(seen: TlsSurvey) -> set[str]:
    """The suites that were accepted."""
    return {shaken.suite for shaken in seen.suites if shaken.outcome == "accepted"}


def at(server: hostile.Server) -> Endpoint:
    """The TLS endpoint of a server."""
    return Endpoint(role="edge", scheme="https", host="localhost", port=443, address=server.address)


def test_modern_server(edge: Edge) -> None:
    """Of a modern server everything is seen: versions, suites, order, ALPN, HTTP/2, certificate, resumption."""
    seen = survey(edge.endpoint("modern"), hosts=("localhost", "www.localhost", "other.example"))
    assert versions(seen) == {"TLSv1": "refused", "TLSv1.1": "refused", "TLSv1.2": "accepted", "TLSv1.3": "accepted"}
    assert accepted(seen) == {
        "TLS_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    }
    refused = {shaken.suite for shaken in seen.suites if shaken.outcome == "refused"}
    assert {"NULL-SHA256", "AES128-SHA", "ADH-AES128-SHA"} < refused
    assert (seen.alpn, seen.http2_preface) == (("h2", "http/1.1"), True)
    assert (seen.prefers_own_order, seen.resumed, seen.amount) == (False, True, 2)
    assert seen.chain_trouble == {
        "localhost": "",
        "www.localhost": "",
        "other.example": "Hostname mismatch, certificate is not valid for 'other.example'.",
    }
    assert seen.certificate is not None
    assert seen.certificate.names == ("localhost", "www.localhost", "127.0.0.1")
    assert ",O=trustme v" in seen.certificate.issuer
    assert (seen.certificate.key, seen.certificate.signature) == ("EC secp256r1", "ECDSA_WITH_SHA256")
    assert seen.certificate.not_before < seen.seen_at < seen.certificate.not_after


def test_old_server(edge: Edge) -> None:
    """Versions that this machine would not use by itself are offered all the same, and seen to be accepted."""
    seen = survey(edge.endpoint("old"), hosts=("localhost",))
    assert versions(seen) == {"TLSv1": "accepted", "TLSv1.1": "accepted", "TLSv1.2": "accepted", "TLSv1.3": "refused"}
    assert accepted(seen) == {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"}
    assert (seen.alpn, seen.http2_preface) == (("http/1.1",), False)
    assert (seen.prefers_own_order, seen.resumed) == (True, False)


def test_survey_is_quick(edge: Edge) -> None:
    """The whole survey of a server nearby takes a fraction of a second."""
    started = time.monotonic()
    survey(edge.endpoint("modern"), hosts=("localhost",))
    assert time.monotonic() - started < 1


def test_untrusted_chain_is_told(authority: Authority) -> None:
    """A certificate of a foreign authority is read all the same, and its chain is in trouble."""
    with hostile.serving(hostile.says_nothing, tls=authority.context()) as server:
        started = time.monotonic()
        seen = survey(at(server), hosts=("localhost",))
        assert time.monotonic() - started < 1
    assert seen.certificate is not None
    assert seen.chain_trouble == {"localhost": "unable to get local issuer certificate"}


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (hostile.says_nothing, "no TLS handshake with localhost: no answer to the hello in time"),
        (hostile.plain_bad_request, "no TLS handshake with localhost: the server speaks plain HTTP on this TLS port"),
        (hostile.tls_garbage, "no TLS handshake with localhost: wrong version number"),
        (hostile.resets, "no TLS handshake with localhost: connection reset by peer"),
    ],
)
def test_what_is_no_tls_cannot_be_surveyed(talk: hostile.Talk, why: str) -> None:
    """A tarpit, a plain server, garbage and a reset are no refusals: nobody could look."""
    with hostile.serving(talk) as server:
        started = time.monotonic()
        with pytest.raises(CouldNotLook) as caught:
            survey(at(server), hosts=("localhost",), deadline=DEADLINE)
        assert time.monotonic() - started < DEADLINE + MARGIN
    assert caught.value.fact == why


def test_nothing_listening_cannot_be_surveyed() -> None:
    """A port without a server refuses no version."""
    with hostile.nobody() as server, pytest.raises(CouldNotLook, match="connection refused by 127"):
        survey(at(server))


def test_server_that_closes_refuses() -> None:
    """A server that hears the hello and closes refuses, and nothing is accepted."""
    with hostile.serving(hostile.says(b"")) as server:
        seen = survey(at(server), hosts=("localhost",))
    assert set(versions(seen).values()) == {"refused"}
    assert (seen.amount, seen.certificate, seen.prefers_own_order, seen.resumed) == (0, None, None, None)


def test_what_this_machine_cannot_offer_is_unmeasured(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that the local TLS library lacks is not held to be refused by the server."""

    def without_old_versions(version: ssl.TLSVersion) -> ssl.SSLContext | str:
        return "no such version here" if version in handshake.OLD_VERSIONS else handshake.offer_alone(version)

    monkeypatch.setattr("plimsoll.probes.tls.offer_alone", without_old_versions)
    seen = survey(edge.endpoint("old"))
    assert versions(seen) == {
        "TLSv1": "unmeasured",
        "TLSv1.1": "unmeasured",
        "TLSv1.2": "accepted",
        "TLSv1.3": "refused",
    }


def test_suite_that_this_machine_holds_back_is_unmeasured(edge: Edge) -> None:
    """An offer that never left this machine says nothing about the server."""
    context = handshake.offer(ssl.TLSVersion.TLSv1, suites="ECDHE-ECDSA-AES128-GCM-SHA256")
    hand = handshake.Hand(endpoint=edge.endpoint("old"), deadline=Deadline.after(1))
    shaken = hand.shake(context)
    assert (shaken.outcome, shaken.detail) == ("unmeasured", "no ciphers available")
