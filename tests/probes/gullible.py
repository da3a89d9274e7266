"""A server with one private page, whose check of access tokens lacks one thing: a library misused on purpose."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import HMACAlgorithm, RSAAlgorithm

from plimsoll.probes.auth import tokens

ISSUER, AUDIENCE, KID = "shop", "shop-users", "first"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key()
NAMES = ["RS256"]

Claims = Mapping[str, Any]
Check = Callable[[str], Claims]
"""The claims of a token, or an exception."""


def strict(token: str, *, key: Any = PUBLIC, algorithms: list[str] = NAMES, **options: bool) -> Claims:  # noqa: ANN401 - keys of many kinds
    """As it should be."""
    if jwt.get_unverified_header(token).get("kid") != KID and options.pop("kid", True):
        raise jwt.InvalidTokenError
    options.pop("kid", None)
    require = {"require": ["exp", "iss", "aud"], **options}
    found: Claims = jwt.decode(token, key, algorithms=algorithms, issuer=ISSUER, audience=AUDIENCE, options=require)  # type: ignore[arg-type] # options of many kinds
    return found


def unverified(token: str) -> Claims:
    """The signature is not looked at."""
    return strict(token, verify_signature=False, verify_exp=True, verify_nbf=True, verify_iss=True, verify_aud=True)


def none_allowed(token: str) -> Claims:
    """The algorithm none is as good as any (CVE-2015-9235)."""
    algorithm = str(jwt.get_unverified_header(token)["alg"]).lower()
    return unverified(token) if algorithm == "none" else strict(token)


def confused(token: str) -> Claims:
    """The key of the configuration is used with whatever algorithm the token names (CVE-2016-10555)."""
    if jwt.get_unverified_header(token)["alg"] != "HS256":
        return strict(token)
    text, _, signature = token.rpartition(".")
    secret, algorithm = tokens.public_pem(PUBLIC), HMACAlgorithm(HMACAlgorithm.SHA256)
    if not algorithm.verify(text.encode(), secret, base64.urlsafe_b64decode(signature + "==")):
        raise jwt.InvalidTokenError
    return unverified(token)


def brought_along(token: str) -> Claims:
    """A key in the token itself is believed (CVE-2018-0114)."""
    header = jwt.get_unverified_header(token)
    return strict(token, key=RSAAlgorithm.from_jwk(header["jwk"])) if "jwk" in header else strict(token)


def fetched(token: str) -> Claims:
    """A key is fetched from wherever the token says."""
    header = jwt.get_unverified_header(token)
    if "jku" not in header:
        return strict(token)
    with urlopen(header["jku"], timeout=5) as answer:  # noqa: S310 - the flaw that is shown
        key = json.loads(answer.read())["keys"][0]
    return strict(token, key=RSAAlgorithm.from_jwk(key), kid=False)


FLAWS: Mapping[str, tuple[Check, set[str]]] = {
    "unverified": (unverified, {"signature", "key confusion", "embedded key", "algorithm"}),
    "none": (none_allowed, {"signature"}),
    "confused": (confused, {"key confusion"}),
    "brought along": (brought_along, {"embedded key"}),
    "fetched": (fetched, {"embedded key"}),
    "any algorithm": (lambda token: strict(token, algorithms=["RS256", "RS384", "RS512", "PS256"]), {"algorithm"}),
    "any key id": (lambda token: strict(token, kid=False), {"key id"}),
    "no issuer": (lambda token: strict(token, verify_iss=False), {"issuer"}),
    "no audience": (lambda token: strict(token, verify_aud=False), {"audience"}),
    "no expiry": (lambda token: strict(token, verify_exp=False), {"expiry"}),
    "no beginning": (lambda token: strict(token, verify_nbf=False), {"not before"}),
}
"""Ways to get it wrong, and what the forgeries lack that then are let in."""


def genuine(now: int) -> str:
    """A token as the server gives it."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 900, "sub": "1"}
    pem = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": KID})


@contextmanager
def serving(check: Check) -> Iterator[tuple[str, int]]:
    """The server with that check; where it listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """200 for whoever is believed, 401 for all others."""
            try:
                check(self.headers.get("Authorization", "").removeprefix("Bearer "))
                status = 200
            except Exception:  # noqa: BLE001 - whatever is wrong with a token, it is refused
                status = 401
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
            """Nothing is written down."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield ("127.0.0.1", server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
