"""JSON Web Tokens taken apart and put together by hand: libraries refuse to make the tokens that must be refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from plimsoll.artefacts.well_known import WELL_KNOWN_SECRETS
from plimsoll.observations import SignedToken

HASHES: Mapping[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES: Mapping[str, ec.EllipticCurve] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
PARTS = 3
RSA_BITS = 2048
RSA_EXPONENT = 65537

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | bytes
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Words = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token in its parts: header and claims as read, the text they were signed as, the signature."""

    header: Words
    claims: Words
    signed: str
    signature: bytes

    @property
    def text(self) -> str:
        """The token as it is sent."""
        return f"{self.signed}.{encoded(self.signature)}"

    @property
    def algorithm(self) -> str:
        """What the token says it is signed with."""
        return str(self.header.get("alg", ""))


def parse(text: str) -> Token | None:
    """The token in a text; None for what is none (RFC 7515, 7.1: three parts, of which two are JSON objects)."""
    parts = text.split(".")
    if len(parts) != PARTS:
        return None
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
        signature = decoded(parts[2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return Token(header=header, claims=claims, signed=f"{parts[0]}.{parts[1]}", signature=signature)


def read(token: Token, public: PublicKey | None = None) -> SignedToken:
    """The token as an observation; `public` is the key it verifies with, where that is known."""
    return SignedToken(
        header=token.header,
        claims=token.claims,
        signature_bytes=len(token.signature),
        guessed=_guessed(token),
        key=describe(public) if public else "",
    )


def made(header: Words, claims: Words, key: PrivateKey | None) -> Token:
    """The token with that header and those claims, signed as the header says; without a key, with no signature."""
    signed = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = b"" if key is None else _signature(signed.encode(), str(header["alg"]), key)
    return Token(header=header, claims=claims, signed=signed, signature=signature)


def strangers_key(algorithm: str) -> PrivateKey:
    """A key of our own making that signs with that algorithm."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm])
    if algorithm.startswith("HS"):
        return b"plimsoll makes keys that nobody trusts"
    return rsa.generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS)


def jwk(key: PublicKey, **words: str) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7518, 6)."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e), **words}
    point, size = key.public_numbers(), (key.key_size + 7) // 8
    x, y = (encoded(number.to_bytes(size)) for number in (point.x, point.y))
    curve = {256: "P-256", 384: "P-384", 521: "P-521"}[key.key_size]
    return {"kty": "EC", "crv": curve, "x": x, "y": y, **words}


def published_key(document: bytes, kid: object) -> rsa.RSAPublicKey | None:
    """The RSA key of that id in a JSON Web Key Set, the first RSA key where no id matches; None for anything else."""
    try:
        keys = [key for key in json.loads(document)["keys"] if key.get("kty") == "RSA"]
        chosen = next((key for key in keys if key.get("kid") == kid), keys[0])
        n, e = (int.from_bytes(decoded(chosen[part])) for part in ("n", "e"))
        return rsa.RSAPublicNumbers(e, n).public_key()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def private_key(pem: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None:
    """The key in a PEM text, None where it is of a kind that no token here is signed with."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def describe(key: PublicKey) -> str:
    """The key's kind and size."""
    return f"RSA {key.key_size}" if isinstance(key, rsa.RSAPublicKey) else f"EC {key.curve.name}"


def public_pem(key: PublicKey) -> bytes:
    """The public key as PEM (SPKI)."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_der(key: PublicKey) -> bytes:
    """The public key as DER (SPKI)."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def encoded(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """What base64url says, padded or not. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(data: bytes, algorithm: str, key: PrivateKey) -> bytes:
    if isinstance(key, bytes):
        return hmac.digest(key, data, f"sha{algorithm[2:]}")
    chosen = HASHES[algorithm[2:]]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.key_size + 7) // 8
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(chosen)))
        return r.to_bytes(size) + s.to_bytes(size)
    if algorithm.startswith("PS"):
        return key.sign(data, padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)
    return key.sign(data, padding.PKCS1v15(), chosen)


def _guessed(token: Token) -> bool:
    """Whether a well-known secret signed the token: found offline, nobody is asked."""
    name = f"sha{token.algorithm[2:]}"
    if not token.algorithm.startswith("HS") or name not in hashlib.algorithms_guaranteed:
        return False
    return any(
        hmac.compare_digest(hmac.digest(secret.encode(), token.signed.encode(), name), token.signature)
        for secret in WELL_KNOWN_SECRETS
    )


def _integer(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8))
