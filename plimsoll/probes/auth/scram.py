"""The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

GS2 = "n,,"
"""The client supports no channel binding (RFC 5802, 6)."""

MOST_ROUNDS = 1_000_000
"""Rounds of hashing a server may ask for; PostgreSQL's default is 4096. Half a second of work at most."""


class Scram:
    """One attempt to prove a password: `first` is sent, the server's answer goes into `final`."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._bare = f"n=,r={secrets.token_urlsafe(18)}"

    @property
    def first(self) -> bytes:
        """The message that begins it; PostgreSQL takes the user's name from elsewhere."""
        return f"{GS2}{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        """The proof that answers the server's first message. Raises ValueError for what is no such message."""
        text = challenge.decode("ascii")
        said = dict(part.partition("=")[::2] for part in text.split(","))
        if not {"r", "s", "i"} <= said.keys() or not said["i"].isdecimal() or not 0 < int(said["i"]) <= MOST_ROUNDS:
            raise ValueError("not a SCRAM challenge")
        salt = base64.b64decode(said["s"])
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(), salt, int(said["i"]))
        client = hmac.digest(salted, b"Client Key", "sha256")
        proofless = f"c={base64.b64encode(GS2.encode()).decode()},r={said['r']}"
        signed = f"{self._bare},{text},{proofless}".encode()
        signature = hmac.digest(hashlib.sha256(client).digest(), signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client, signature, strict=True))
        return f"{proofless},p={base64.b64encode(proof).decode()}".encode()
