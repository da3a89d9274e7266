"""The leaf certificate of a server, read from DER."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import SignatureAlgorithmOID

from plimsoll.observations import Certificate

SIGNATURES = {oid: name for name, oid in vars(SignatureAlgorithmOID).items() if isinstance(oid, x509.ObjectIdentifier)}
"""The library's names of the signature algorithms, e.g. RSA_WITH_SHA256, ECDSA_WITH_SHA384, ED25519."""


def read_certificate(der: bytes) -> Certificate:
    """What a certificate says. Raises ValueError where it says nothing that can be read."""
    leaf = x509.load_der_x509_certificate(der)
    return Certificate(
        names=_names(leaf),
        issuer=leaf.issuer.rfc4514_string(),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        key=_key(leaf),
        signature=SIGNATURES.get(leaf.signature_algorithm_oid, leaf.signature_algorithm_oid.dotted_string),
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """The names clients compare with (RFC 9525: the common name is not one of them)."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))


def _key(leaf: x509.Certificate) -> str:
    """The key's kind and size, or the curve."""
    key = leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    if isinstance(key, dsa.DSAPublicKey):
        return f"DSA {key.key_size}"
    return type(key).__name__.removesuffix("PublicKey")
