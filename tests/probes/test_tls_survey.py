"""The TLS survey reports what the server does, and never this machine's own limits."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator

import pytest
import trustme

from plimsoll.errors import CouldNotLook
from plimsoll.observations.tls import VERSIONS
from plimsoll.probes.tls.survey import surveys
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import Authority, Edge
from tests.probes.tls_servers import Site, accepted, at, certificate, groups, look, nginx, outcomes

DEADLINE = 0.4
MARGIN = 3.0
"""Seconds by which a deadline may be overrun where the machine is busy with other tests."""
TLS13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[dict[str, int]]:
    """Right configurations that look odd, and two virtual hosts at one port."""
    folder = tmp_path_factory.mktemp("sites")
    curve = certificate(authority.ca, folder / "curve.pem")
    prime = certificate(authority.ca, folder / "prime.pem", kind=trustme.KeyType.RSA)
    wild = certificate(authority.ca, folder / "wild.pem", "*.site.localhost")
    intermediate = certificate(authority.ca.create_child_ca(), folder / "long.pem")
    suites = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA"
    both = f"ssl_ciphers {suites}; ssl_prefer_server_ciphers on; ssl_session_tickets off;"
    with nginx(
        folder,
        {
            "newest": Site(certificates=(curve,), protocols="TLSv1.3", http2=True),
            "two": Site(certificates=(curve, prime), directives=both),
            "hosts": Site(certificates=(curve,), directives="ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;"),
            "hosts.wild": Site(
                certificates=(wild,), host="api.site.localhost", directives="ssl_ciphers ECDHE-ECDSA-AES128-SHA;"
            ),
            "long": Site(certificates=(intermediate,), directives="ssl_ecdh_curve secp384r1;"),
            "finite": Site(certificates=(prime,), protocols="TLSv1.2", directives="ssl_ciphers AES256-GCM-SHA384;"),
        },
    ) as ports:
        yield ports


def of(server: hostile.Server) -> Endpoint:
    """The TLS endpoint of a server."""
    return at(server.address[1])


def test_modern_server(edge: Edge) -> None:
    """Of a modern server everything is seen: versions, suites, order, groups, ALPN, certificate, resumption."""
    seen = look(edge.endpoint("modern"))

    assert outcomes(seen) == dict.fromkeys(VERSIONS[:3], "refused") | dict.fromkeys(VERSIONS[3:], "accepted")
    assert accepted(seen, "TLSv1.2") == {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"}
    assert accepted(seen, "TLSv1.3") == TLS13
    refused = {shaken.suite for shaken in seen.suites if shaken.outcome == "refused"}
    assert {"NULL-SHA256", "AES128-SHA", "ADH-AES128-SHA", "EXP-RC4-MD5", "TLS_AES_128_CCM_SHA256"} < refused
    assert seen.orders == {"TLSv1.2": "client", "TLSv1.3": "client"}
    assert {"x25519", "secp256r1", "secp384r1"} <= groups(seen, "TLSv1.3")
    assert {"x25519", "secp256r1", "secp384r1"} <= groups(seen, "TLSv1.2")
    assert "unmeasured" not in {each.outcome for each in (*seen.suites, *seen.groups)}
    assert (seen.alpn, seen.http2_preface, seen.amount) == (("h2", "http/1.1"), True, 2)
    assert seen.resumed == {"TLSv1.2 ids": True, "TLSv1.2 tickets": True, "TLSv1.3 tickets": True}
    assert (seen.compressed, seen.secure_renegotiation, seen.renegotiates, seen.plaintext) == (
        False,
        True,
        False,
        False,
    )
    assert (seen.fallback_refused, seen.extended_master_secret, seen.trouble) == (True, True, "")


def test_certificate_is_read(edge: Edge) -> None:
    """The chain as it was sent, whether it verifies, and what its certificate says."""
    seen = look(edge.endpoint("modern"))

    (chain,) = seen.chains
    assert chain.trouble == ""
    assert chain.leaf.names == ("localhost", "www.localhost", "127.0.0.1")
    assert ",O=trustme v" in chain.leaf.issuer
    assert (chain.leaf.key, chain.leaf.signature) == ("EC secp256r1", "ECDSA_WITH_SHA256")
    assert chain.leaf.not_before < seen.seen_at < chain.leaf.not_after
    assert (chain.leaf.ocsp, chain.leaf.crl, chain.leaf.must_staple, chain.stapled) == ((), (), False, False)


def test_name_that_is_not_covered(edge: Edge) -> None:
    """A host that the certificate does not name is in trouble; one that it names otherwise is not."""
    edge_ = edge.endpoint("modern")
    found = surveys([(edge_, "www.localhost"), (edge_, "other.example")]).surveys

    assert [each.chains[0].trouble for each in found] == [
        "",
        "Hostname mismatch, certificate is not valid for 'other.example'.",
    ]


def test_old_server(edge: Edge) -> None:
    """Versions that this machine would not use by itself are seen all the same."""
    seen = look(edge.endpoint("old"))

    assert outcomes(seen) == {
        "SSLv3": "refused",
        "TLSv1": "accepted",
        "TLSv1.1": "accepted",
        "TLSv1.2": "accepted",
        "TLSv1.3": "refused",
    }
    for version in ("TLSv1", "TLSv1.1", "TLSv1.2"):
        assert accepted(seen, version) == {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"}
    assert (seen.alpn, seen.http2_preface, seen.chains[0].trouble) == (("http/1.1",), False, "")
    assert (set(seen.orders.values()), seen.resumed) == ({"server"}, {"TLSv1.2 ids": False, "TLSv1.2 tickets": False})


def test_newest_alone(sites: dict[str, int], authority: Authority) -> None:
    """Where TLS 1.3 is spoken alone, its suites, groups and chain are seen, and there is nothing to renegotiate."""
    seen = look(at(sites["newest"], authority=authority.pem))

    assert (seen.accepted, accepted(seen, "TLSv1.3"), seen.orders) == (("TLSv1.3",), TLS13, {"TLSv1.3": "client"})
    assert {each.version for each in seen.groups} == {"TLSv1.3"}
    assert (seen.chains[0].trouble, seen.chains[0].leaf.names) == ("", ("localhost",))
    assert (seen.renegotiates, seen.secure_renegotiation, seen.fallback_refused) == (False, None, None)
    assert (seen.resumed, seen.http2_preface) == ({"TLSv1.3 tickets": True}, True)


def test_two_certificates(sites: dict[str, int], authority: Authority) -> None:
    """A server with an RSA and an ECDSA certificate shows both, each verified, and its own order."""
    seen = look(at(sites["two"], authority=authority.pem))

    assert {chain.leaf.key: chain.trouble for chain in seen.chains} == {"EC secp256r1": "", "RSA 2048": ""}
    assert accepted(seen, "TLSv1.2") == {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "AES128-SHA",
    }
    assert seen.orders == {"TLSv1.2": "server", "TLSv1.3": "server"}
    assert seen.resumed["TLSv1.2 tickets"] is False


def test_each_virtual_host(sites: dict[str, int], authority: Authority) -> None:
    """Two hosts at one port have their own certificates and suites; a wildcard covers its host."""
    endpoint = at(sites["hosts"], authority=authority.pem)
    first, second = surveys([(endpoint, "localhost"), (endpoint, "api.site.localhost")]).surveys

    assert (first.chains[0].leaf.names, second.chains[0].leaf.names) == (("localhost",), ("*.site.localhost",))
    assert (first.chains[0].trouble, second.chains[0].trouble) == ("", "")
    assert accepted(first, "TLSv1.2") == {"ECDHE-ECDSA-AES128-GCM-SHA256"}
    assert accepted(second, "TLSv1.2") == {"ECDHE-ECDSA-AES128-SHA"}


def test_longer_chain_and_one_group(sites: dict[str, int], authority: Authority) -> None:
    """The intermediate is seen as it was sent; of the groups only the configured one is accepted."""
    seen = look(at(sites["long"], authority=authority.pem))

    (chain,) = seen.chains
    assert (chain.trouble, len(chain.certificates)) == ("", 2)
    assert chain.certificates[0].issuer == chain.certificates[1].subject
    assert groups(seen, "TLSv1.3") == {"secp384r1"}


def test_no_group_without_need(sites: dict[str, int], authority: Authority) -> None:
    """A server without forward secrecy exchanges keys by no group."""
    seen = look(at(sites["finite"], authority=authority.pem))

    assert (accepted(seen, "TLSv1.2"), seen.groups, seen.orders) == ({"AES256-GCM-SHA384"}, (), {})


def test_untrusted_chain_is_told(authority: Authority) -> None:
    """A certificate of a foreign authority is read all the same, and its chain is in trouble."""
    with hostile.serving(hostile.says_nothing, tls=authority.context()) as server:
        seen = look(of(server), deadline=3)
    assert seen.chains[0].leaf.names == ("localhost", "127.0.0.1")
    assert seen.chains[0].trouble == "unable to get local issuer certificate"


def test_client_may_renegotiate(authority: Authority) -> None:
    """A server that begins another handshake because the client asks is found out (CVE-2011-1473)."""
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= 0x100  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION
    with hostile.serving(hostile.says_nothing, tls=context) as server:
        seen = look(of(server), deadline=3)
    assert (seen.renegotiates, seen.secure_renegotiation) == (True, True)


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (hostile.says_nothing, "no answer to the hello in time"),
        (hostile.plain_bad_request, "the server speaks plain HTTP on this TLS port"),
        (hostile.tls_garbage, "not TLS: the answer began with b'\\x80\\x81"),
        (hostile.resets, "connection reset after the hello"),
        (hostile.drips(b"\x16\x03\x03\x40\x00\x02"), "no answer to the hello in time"),
        (hostile.repeats(b"", b"\x16\x03\x03\x00\x01\x02" * 4096), "more than 262144 bytes of handshake"),
        (hostile.repeats(b"", b"\x15\x03\x03\x00\x02\x01\x5a" * 4096), "more than 262144 bytes of handshake"),
        (hostile.repeats(b"", b"\x16\x03\x03\xff\xff" + bytes(65535)), "a record of 65535 bytes"),
        (hostile.says(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), "a message shorter than it says"),
        (hostile.says(b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00"), "a message of type 14 before any hello"),
    ],
)
def test_what_is_no_tls_cannot_be_surveyed(talk: hostile.Talk, why: str) -> None:
    """Tarpits, plain servers, garbage, resets, drips and record bombs are no refusals, and end within the deadline."""
    with hostile.serving(talk) as server:
        started = time.monotonic()
        seen = look(of(server), deadline=DEADLINE)
        assert time.monotonic() - started < DEADLINE + MARGIN
    assert seen.trouble.startswith("no TLS handshake with localhost: ")
    assert why in seen.trouble
    assert (set(outcomes(seen).values()), seen.amount) == ({"unmeasured"}, 0)


def test_nothing_listening_cannot_be_surveyed() -> None:
    """A port without a server refuses no version."""
    with hostile.nobody() as server:
        seen = look(of(server))
    assert seen.trouble == f"no TLS handshake with localhost: connection refused by 127.0.0.1:{server.address[1]}"
    assert (seen.amount, seen.plaintext) == (0, None)


def test_server_that_closes_refuses() -> None:
    """A server that hears the hello and closes refuses, and nothing is accepted."""
    with hostile.serving(hostile.says(b"")) as server:
        seen = look(of(server))
    assert set(outcomes(seen).values()) == {"refused"}
    assert (seen.amount, seen.chains, seen.orders, seen.resumed) == (0, (), {}, {})


def test_authority_that_cannot_be_read(edge: Edge) -> None:
    """Without the authority to trust nobody can look."""
    modern = edge.endpoint("modern")
    lost = at(modern.port, authority=edge.authority.with_name("nowhere.pem"))
    with pytest.raises(CouldNotLook, match=r"nowhere\.pem, cannot be read"):
        look(lost)
