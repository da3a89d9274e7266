"""Over TLS, the HTTP client says what kept it from a trusted channel."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from plimsoll.errors import CouldNotLook
from plimsoll.probes.wire import Client
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import Authority, Edge

DEADLINE = 0.4
MARGIN = 3.0
"""Seconds by which a deadline may be overrun where the machine is busy with other tests."""
LONG_AGO = datetime.now(UTC) - timedelta(days=90)
IN_A_YEAR = datetime.now(UTC) + timedelta(days=365)


def at(server: hostile.Server, authority: Path, *, host: str = "localhost") -> Endpoint:
    """The TLS endpoint of a server."""
    return Endpoint(role="edge", scheme="https", host=host, port=443, address=server.address, authority=authority)


@pytest.mark.parametrize(
    ("talk", "trouble"),
    [
        (hostile.tls_garbage, "no TLS handshake with 127.0.0.1:{port}: wrong version number"),
        (hostile.plain_bad_request, "the server speaks plain HTTP on this TLS port"),
        (hostile.says_nothing, "no TLS handshake with 127.0.0.1:{port} within 0.4 s"),
        (hostile.resets, "connection reset by 127.0.0.1:{port} during the TLS handshake"),
        (hostile.says(b""), "127.0.0.1:{port} closed the connection during the TLS handshake"),
        (hostile.drips(b"\x16\x03\x03\x40\x00\x02"), "no TLS handshake with 127.0.0.1:{port} within 0.4 s"),
    ],
)
def test_failed_handshake_is_named(talk: hostile.Talk, trouble: str, authority: Authority) -> None:
    """A server that does not speak TLS is told apart from one that says nothing, resets or closes."""
    started = time.monotonic()
    with hostile.serving(talk) as server:
        exchange = Client(at(server, authority.pem), deadline=DEADLINE).exchange("page", "GET", "/")
        assert time.monotonic() - started < DEADLINE + MARGIN
    assert (exchange.status, exchange.trouble) == (None, trouble.format(port=server.address[1]))


def self_signed() -> trustme.LeafCert:
    """A certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), LONG_AGO, IN_A_YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return trustme.LeafCert(secret, certificate.public_bytes(Encoding.PEM), [])


@pytest.mark.parametrize(
    ("leaf", "host", "why"),
    [
        ("expired", "localhost", "certificate has expired"),
        ("self-signed", "localhost", "self-signed certificate"),
        ("foreign", "localhost", "unable to get local issuer certificate"),
        ("good", "other.example", "Hostname mismatch, certificate is not valid for 'other.example'."),
    ],
)
def test_untrusted_certificate_is_named(leaf: str, host: str, why: str, authority: Authority) -> None:
    """A certificate that is expired, self-signed, of a foreign authority or for another name is refused by name."""
    until = LONG_AGO + timedelta(days=1)
    certificate = {
        "expired": authority.ca.issue_cert("localhost", not_before=LONG_AGO, not_after=until),
        "self-signed": self_signed(),
        "foreign": trustme.CA().issue_cert("localhost"),
        "good": authority.ca.issue_cert("localhost"),
    }[leaf]
    with hostile.serving(hostile.redirect_loop, tls=authority.context(certificate)) as server:
        exchange = Client(at(server, authority.pem, host=host)).exchange("page", "GET", "/")
    assert (exchange.status, exchange.trouble) == (None, f"certificate not trusted: {why}")
    assert server.requests == []


def test_trouble_after_the_handshake(authority: Authority) -> None:
    """A tarpit behind a good handshake is given up in time as well."""
    with hostile.serving(hostile.says_nothing, tls=authority.context()) as server:
        exchange = Client(at(server, authority.pem), deadline=DEADLINE).exchange("page", "GET", "/")
    assert exchange.trouble == "no complete header within 0.4 s (0 bytes came)"


def test_good_exchange(edge: Edge) -> None:
    """A page comes over a channel that was verified."""
    exchange = Client(edge.endpoint("modern")).exchange("page", "GET", "/")
    assert (exchange.status, exchange.body, exchange.trouble) == (200, b"hello", "")


def test_system_store_does_not_trust_a_throw_away_authority(edge: Edge) -> None:
    """Without an authority of its own an endpoint is verified against the system's."""
    secure = edge.endpoint("modern")
    endpoint = Endpoint(role="edge", scheme="https", host=secure.host, port=secure.port, address=secure.address)
    assert Client(endpoint).exchange("page", "GET", "/").trouble.startswith("certificate not trusted: ")


@pytest.mark.parametrize("content", [None, "no certificate in here"])
def test_authority_that_cannot_be_read(content: str | None, tmp_path: Path) -> None:
    """An authority file that is missing or no PEM keeps the client from looking, and is named."""
    pem = tmp_path / "ca.pem"
    if content is not None:
        pem.write_text(content)
    with hostile.serving(hostile.says_nothing) as server, pytest.raises(CouldNotLook, match=re.escape(str(pem))):
        Client(at(server, pem)).exchange("page", "GET", "/")
