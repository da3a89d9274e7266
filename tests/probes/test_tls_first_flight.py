"""What no TLS library here speaks any more, or yet, is seen in the server's first flight."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPResponseBuilder, OCSPResponseStatus
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from plimsoll.probes.tls.flight import RETRY, Flight, Strange
from plimsoll.probes.tls.hello import Hello, is_name
from plimsoll.probes.tls.suites import BEFORE_TLS13, SUITES, TLS13, groups_of, suites_of
from tests.probes.tls_servers import (
    Offer,
    Site,
    alert,
    at,
    certificate,
    choosing,
    groups,
    look,
    nginx,
    openssl,
    outcomes,
    read_offer,
    record,
    server_hello,
)

HYBRID, X25519, SSL30, TLS12, TLS13_NUMBER = 0x11EC, 29, 0x0300, 0x0303, 0x0304
RC4, AES, GCM = 0x0005, 0x002F, 0x009C
FAILURE, VERSION = alert(40), alert(70)


def first_of(known: tuple[int, ...], offered: tuple[int, ...]) -> int:
    """The server's first of what both have; 0 for nothing."""
    return next((each for each in known if each in offered), 0)


def ancient(offer: Offer) -> bytes:
    """A server of 1996: SSL 3.0, two suites, its own order."""
    if offer.version != SSL30:
        return VERSION
    suite = first_of((RC4, AES), offer.suites)
    return server_hello("SSLv3", suite) if suite else FAILURE


def compressing(offer: Offer) -> bytes:
    """A server of 2010: TLS 1.2 with DEFLATE, without RFC 5746 and RFC 7507."""
    if offer.version != TLS12 or GCM not in offer.suites:
        return FAILURE
    return server_hello("TLSv1.2", GCM, compression=1 if 1 in offer.compressions else 0)


def hybrid(offer: Offer) -> bytes:
    """A server of TLS 1.3 that knows the hybrid and X25519, and always asks for a key share."""
    group, suite = first_of((HYBRID, X25519), offer.groups), first_of(TLS13, offer.suites)
    if offer.version != TLS13_NUMBER or not group or not suite:
        return FAILURE
    versions, share = struct.pack(">HHH", 43, 2, TLS13_NUMBER), struct.pack(">HHH", 51, 2, group)
    return server_hello("TLSv1.3", suite, extensions=versions + share, random=RETRY)


def downgrading(_: Offer) -> bytes:
    """A server that answers whatever it is offered with TLS 1.0."""
    return server_hello("TLSv1", AES)


def straying(offer: Offer) -> bytes:
    """A server that chooses the same suite whether it was offered or not."""
    return server_hello("TLSv1.2", GCM) if offer.version == TLS12 else VERSION


def warning(offer: Offer) -> bytes:
    """A server that first warns that it does not know the name."""
    return record(21, bytes((1, 112))) + compressing(offer)


def test_ssl3_is_seen() -> None:
    """SSL 3.0, which this machine's library forgot, is seen with its suites and whose order decides."""
    with choosing(ancient) as port:
        seen = look(at(port), deadline=2)

    assert outcomes(seen) == {
        "SSLv3": "accepted",
        **dict.fromkeys(("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), "refused"),
    }
    assert {each.suite for each in seen.spoken("SSLv3")} == {"RC4-SHA", "AES128-SHA"}
    assert (seen.orders, seen.secure_renegotiation, seen.chains) == ({"SSLv3": "server"}, None, ())


def test_compression_is_seen() -> None:
    """Compression that is chosen is seen, and what the server's hello lacks."""
    with choosing(compressing) as port:
        seen = look(at(port), deadline=2)

    assert (seen.accepted, seen.compressed, seen.secure_renegotiation) == (("TLSv1.2",), True, False)
    assert (seen.renegotiates, seen.extended_master_secret, seen.fallback_refused) == (None, False, None)


def test_warning_is_no_refusal() -> None:
    """An alert that only warns ends nothing (RFC 6066, 3)."""
    with choosing(warning) as port:
        assert look(at(port), deadline=2).accepted == ("TLSv1.2",)


def test_answer_with_another_version_is_a_refusal() -> None:
    """Only TLS 1.0 is spoken, and its answer to everything else is told."""
    with choosing(downgrading) as port:
        seen = look(at(port), deadline=2)

    assert seen.accepted == ("TLSv1",)
    assert {each.detail for each in seen.versions if each.outcome == "refused"} == {"answers with TLSv1"}


def test_choice_that_was_not_offered_is_unmeasured() -> None:
    """A server that chooses a suite without being offered it has told nothing about the others."""
    with choosing(straying) as port:
        seen = look(at(port), deadline=2)

    assert {each.suite for each in seen.spoken("TLSv1.2")} == {"AES128-GCM-SHA256"}
    assert {each.outcome for each in seen.suites} == {"accepted", "unmeasured"}


def test_hybrid_is_asked_for() -> None:
    """A server that answers every hello by asking for a key share tells its groups by it, and all else is refused."""
    with choosing(hybrid) as port:
        seen = look(at(port), deadline=2)

    assert (seen.accepted, groups(seen, "TLSv1.3")) == (("TLSv1.3",), {"X25519MLKEM768", "x25519"})
    assert {each.suite for each in seen.spoken("TLSv1.3")} == {SUITES[number] for number in TLS13}
    assert "unmeasured" not in {each.outcome for each in seen.groups}


def test_hybrid_of_a_real_server(tmp_path: Path) -> None:
    """A server of a newer OpenSSL than ours offers the post-quantum hybrid, and that is seen."""
    leaf = certificate(trustme.CA(), tmp_path / "leaf.pem")

    def configure(context: SSL.Context) -> None:
        context.use_certificate_chain_file(str(leaf))
        context.use_privatekey_file(str(leaf))

    with openssl(configure) as port:
        seen = look(at(port), deadline=5)
    assert {"X25519MLKEM768", "x25519", "secp256r1"} <= groups(seen, "TLSv1.3")
    assert {each.outcome for each in seen.groups if each.group == "X25519Kyber768Draft00"} == {"refused"}


@pytest.mark.parametrize("protocols", ["TLSv1.2", "TLSv1.3"])
def test_stapled_answer_is_seen(tmp_path: Path, protocols: str) -> None:
    """An OCSP answer that comes with the certificate is seen, without judging it."""
    leaf = certificate(trustme.CA(), tmp_path / "leaf.pem")
    answer = OCSPResponseBuilder.build_unsuccessful(OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER)
    (tmp_path / "answer.der").write_bytes(answer)
    stapling = "ssl_stapling on; ssl_stapling_file answer.der;"

    with nginx(tmp_path, {"site": Site(certificates=(leaf,), directives=stapling, protocols=protocols)}) as ports:
        assert [chain.stapled for chain in look(at(ports["site"])).chains] == [True]


@pytest.mark.parametrize("version", ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])
def test_hello_offers_what_it_says(version: str) -> None:
    """A hello read back offers its version, suites and groups, and nothing else."""
    hello = Hello(
        version=version, suites=suites_of(version), groups=groups_of(version), host="site.example", share=True
    )
    offer = read_offer(hello.encode())

    modern = version == "TLSv1.3"
    assert offer.version == SSL30 + ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"].index(version)
    assert (offer.suites, offer.shares) == (hello.suites, modern)
    assert offer.groups == (() if version == "SSLv3" else hello.groups)
    assert (1 in offer.compressions) is not modern
    assert (b"site.example" in hello.encode()) is (version != "SSLv3")


def test_groups_fit_their_versions() -> None:
    """TLS 1.3 names no obsolete group (RFC 8446, 4.2.7), older versions none that binds primes (RFC 7919)."""
    assert not {*range(1, 23), 26, 27, 28} & set(groups_of("TLSv1.3"))
    assert HYBRID in groups_of("TLSv1.3")
    assert not {HYBRID, 256} & set(groups_of("TLSv1.2"))


def test_suites_are_known_by_their_names() -> None:
    """Every suite has one number and one name, and belongs to TLS 1.3 or to what came before."""
    assert len(set(SUITES.values())) == len(SUITES) == len(TLS13) + len(BEFORE_TLS13)
    assert {SUITES[number] for number in TLS13} >= {"TLS_AES_128_GCM_SHA256", "TLS_AES_128_CCM_8_SHA256"}
    assert SUITES[0xC030] == "ECDHE-RSA-AES256-GCM-SHA384"
    assert SUITES[0x000A] == "DES-CBC3-SHA"


@pytest.mark.parametrize(("host", "name"), [("site.example", True), ("127.0.0.1", False), ("::1", False), ("", False)])
def test_addresses_are_no_names(host: str, name: bool) -> None:
    """An address is never sent as the server's name (RFC 6066, 3)."""
    assert is_name(host) is name


def test_name_that_no_hello_can_carry() -> None:
    """A host whose name no hello can carry is not measured, and nothing crashes."""
    with choosing(compressing) as port:
        seen = look(at(port), host="a" * 64 + ".example", deadline=2)
    assert (set(outcomes(seen).values()), seen.amount) == ({"unmeasured"}, 0)
    assert seen.trouble.endswith("is no name of a host")


PIECES = st.sampled_from(
    (b"\x16\x03\x03", b"\x15\x03\x01\x00\x02\x02\x28", b"\x00\x10", b"\x02\x00\x00\x26", b"\xff", b"\x0b\x00\x00\x03")
)
ANSWERS = st.binary(max_size=80) | st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join)


@given(answer=ANSWERS, cut=st.integers(min_value=0, max_value=80))
@settings(max_examples=300, deadline=None)
def test_any_answer_is_read_or_strange(answer: bytes, cut: int) -> None:
    """Whatever comes, in whatever pieces, is read or said to be no TLS; nothing else is raised."""
    flight = Flight()
    with suppress(Strange):
        for part in (answer[:cut], answer[cut:]):
            flight.feed(part)
    assert flight.over or flight.alert is None


@given(cut=st.integers(min_value=0, max_value=200))
def test_flight_is_the_same_in_pieces(cut: int) -> None:
    """Records and messages may be torn apart anywhere."""
    answer = server_hello("TLSv1.2", 0xC02F)
    flight = Flight()
    for part in (answer[:cut], answer[cut:]):
        flight.feed(part)
    assert (flight.version, flight.suite, flight.over) == ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", True)
