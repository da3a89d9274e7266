"""The certificates of a server: what they say, read from DER, and whether clients would trust them."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, SignatureAlgorithmOID

from plimsoll.observations import Certificate, Chain
from plimsoll.probes.tls.handshake import EVERY_SUITE, Hand, offer, verifying

SIGNATURES = {oid: name for name, oid in vars(SignatureAlgorithmOID).items() if isinstance(oid, x509.ObjectIdentifier)}
"""The library's names of the signature algorithms, e.g. RSA_WITH_SHA256, ECDSA_WITH_SHA384, ED25519."""

BY_KIND = ("aRSA", "aECDSA")
"""OpenSSL's words for the suites that use a certificate of one kind of key: a server may have one of each."""


def chains(hand: Hand, sent: Iterable[tuple[bytes, ...]], *, stapled: Iterable[bytes]) -> tuple[Chain, ...]:
    """Each different chain among those sent (DER, the server's own certificate first), and whether it verifies."""
    different = {chain[0]: chain for chain in sent if chain}
    troubles = _troubles(hand, several=len(different) > 1)
    with_answer = set(stapled)
    found = []
    for leaf, chain in different.items():
        try:
            certificates = tuple(read_certificate(der) for der in chain)
        except ValueError:
            continue
        trouble = troubles.get(leaf)
        found.append(Chain(certificates=certificates, trouble=trouble, stapled=leaf in with_answer))
    return tuple(found)


def _troubles(hand: Hand, *, several: bool) -> dict[bytes, str]:
    """Why a chain, or the name asked for, does not verify ("" if it does), by the server's certificate."""
    found: dict[bytes, str] = {}
    offers: Mapping[str, ssl.TLSVersion | None] = {EVERY_SUITE: None}
    if several:
        offers = {**offers, **dict.fromkeys(BY_KIND, ssl.TLSVersion.TLSv1_2)}
    for suites, version in offers.items():
        shaken = hand.shake(verifying(hand.endpoint.authority, version, suites=suites))
        if shaken.accepted:
            found.setdefault(shaken.certificate, "")
        elif shaken.outcome == "distrusted":  # the same offer once more, to see what was distrusted
            leaf = hand.shake(offer(version, suites=suites)).certificate
            found.setdefault(leaf, shaken.detail)
    return found


def read_certificate(der: bytes) -> Certificate:
    """What a certificate says. Raises ValueError where it says nothing that can be read."""
    read = x509.load_der_x509_certificate(der)
    ocsp, crl = _revocation(read)
    return Certificate(
        names=_names(read),
        issuer=read.issuer.rfc4514_string(),
        subject=read.subject.rfc4514_string(),
        not_before=read.not_valid_before_utc,
        not_after=read.not_valid_after_utc,
        key=_key(read),
        signature=SIGNATURES.get(read.signature_algorithm_oid, read.signature_algorithm_oid.dotted_string),
        ocsp=ocsp,
        crl=crl,
        must_staple=_extension(read, x509.TLSFeature) is not None,
    )


def _extension(read: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return read.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _names(read: x509.Certificate) -> tuple[str, ...]:
    """The names clients compare with (RFC 9525: the common name is not one of them)."""
    names = _extension(read, x509.SubjectAlternativeName)
    if not isinstance(names, x509.SubjectAlternativeName):
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))


def _revocation(read: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where its issuer says whether it was revoked: by OCSP, and in lists (RFC 5280, 4.2.2.1 and 4.2.1.13)."""
    access, points = _extension(read, x509.AuthorityInformationAccess), _extension(read, x509.CRLDistributionPoints)
    ocsp = [
        str(each.access_location.value)
        for each in (access if isinstance(access, x509.AuthorityInformationAccess) else ())
        if each.access_method == AuthorityInformationAccessOID.OCSP
    ]
    lists = [
        str(name.value)
        for point in (points if isinstance(points, x509.CRLDistributionPoints) else ())
        for name in point.full_name or ()
    ]
    return tuple(ocsp), tuple(lists)


def _key(read: x509.Certificate) -> str:
    """The key's kind and size, or the curve."""
    key = read.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    if isinstance(key, dsa.DSAPublicKey):
        return f"DSA {key.key_size}"
    return type(key).__name__.removesuffix("PublicKey")
