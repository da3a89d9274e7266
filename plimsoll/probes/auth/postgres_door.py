"""Knocking at PostgreSQL, in its own words (protocol 3.0): how it asks for a password, and what it does with each."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from plimsoll.observations import Door, Knock
from plimsoll.observations.doors import LET_IN, REFUSED, SILENT
from plimsoll.probes.auth.scram import Scram
from plimsoll.probes.connection import Connection, Trouble, reason_of
from plimsoll.stacks.protocol import Endpoint

PROTOCOL, SSL_REQUEST = 196608, 80877103
"""Version 3.0, and the question whether the server speaks TLS."""

MESSAGE_LIMIT = 64 * 1024
"""Bytes of one message: those before a login are a few hundred."""

MESSAGES = 200
"""Messages read of one answer: those after a login are some twenty."""

METHODS = {0: "trust", 3: "password", 5: "md5", 7: "gss", 9: "sspi", 10: "scram-sha-256"}
SASL_CONTINUE, SASL_FINAL = 11, 12
SUPERUSER = "postgres"
DATABASE = "postgres"
"""A database that every server has."""

WRONG = "plimsoll-nobody-has-this-password"

STORED = """
SELECT rolname, CASE WHEN rolpassword IS NULL THEN 'none' WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256'
WHEN rolpassword LIKE 'md5%' THEN 'md5' ELSE 'plain' END FROM pg_authid WHERE rolcanlogin
UNION ALL SELECT '', current_setting('password_encryption')"""
"""How passwords are kept, never the passwords; only a superuser may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of one try: the knock, how the password was asked for, and what was then told about passwords."""

    knock: Knock
    method: str = ""
    stored: tuple[tuple[str, str], ...] = ()


def knock(endpoint: Endpoint, *, right: tuple[str, str] | None, politely: bool, seconds: float) -> Door:
    """What becomes of a login after each try; `politely` only how a password is asked for."""
    user = right[0] if right else SUPERUSER
    tries: list[tuple[str, str, str | None, bool]] = [(f"no password as {user}", user, None, False)]
    if not politely:
        tries += [("an empty password", user, "", False), ("a wrong password", user, WRONG, False)]
        tries += [(f"{who}/{word}", who, word, True) for who, word in ((user, user), (SUPERUSER, "postgres"))]
    seen = [_try(endpoint, *each, seconds=seconds) for each in dict.fromkeys(tries)]
    entered = _try(endpoint, "the right password", *right, default=False, seconds=seconds) if right else None
    kept = dict(entered.stored) if entered else {}
    return Door(
        role=endpoint.role,
        kind="postgres",
        port=endpoint.port,
        knocks=tuple(entry.knock for entry in seen),
        entered=entered.knock if entered else None,
        method=next((entry.method for entry in seen if entry.method), ""),
        storing=kept.pop("", ""),
        stored=kept,
    )


def _try(endpoint: Endpoint, offered: str, user: str, secret: str | None, default: bool, *, seconds: float) -> Entry:
    silent = Entry(knock=Knock(offered=offered, result=SILENT, default=default))

    def trouble(words: str) -> Entry:
        return replace(silent, knock=replace(silent.knock, words=words))

    try:
        with _Session(endpoint, seconds=seconds) as session:
            session.encrypt(endpoint)
            method, words, inside = session.log_in(user, secret)
            stored = tuple(session.rows(STORED)) if inside and secret and not default else ()
    except TimeoutError:
        return trouble(f"no answer within {seconds:.3g} s")
    except OSError as error:
        return trouble(reason_of(error))
    except Trouble as error:
        return trouble(error.fact)
    except (ValueError, struct.error, IndexError):
        return trouble("no PostgreSQL answer")
    knocked = replace(silent.knock, result=LET_IN if inside else REFUSED, words=words)
    return Entry(knock=knocked, method=method, stored=stored)


class _Session(Connection):
    """A connection that speaks PostgreSQL, over TLS where the server offers it."""

    def encrypt(self, endpoint: Endpoint) -> None:
        """The session is encrypted, if the server can. Raises OSError, Trouble."""
        self.send(struct.pack("!ii", 8, SSL_REQUEST))
        if self._exactly(1) == b"S":
            self._encrypt(endpoint, alpn=("postgresql",))  # since PostgreSQL 17 a client must not offer others alone

    def log_in(self, user: str, secret: str | None) -> tuple[str, str, bool]:
        """How the password was asked for, the server's words, and whether it let us in; no secret: only ask.

        Raises OSError, ValueError, struct.error.
        """
        words = f"user\0{user}\0database\0{DATABASE}\0\0".encode()
        self.send(struct.pack("!ii", len(words) + 8, PROTOCOL) + words)
        method, proved, scram = "", False, Scram(secret or "")
        for kind, body in self._messages():
            if kind == b"E":
                return method, _error(body), proved  # a database or a right may still be missing
            if kind == b"Z":
                return method, "ready for a query", True
            if kind != b"R":
                continue
            asked = struct.unpack("!i", body[:4])[0]
            if asked in METHODS and asked:
                method = METHODS[asked]
                if secret is None:
                    return method, f"asks for a password by {method}", False
                self._answer(self._first(asked, body, user, secret, scram))
            elif asked == SASL_CONTINUE:
                self._answer(scram.final(body[4:]))
            elif not asked:
                method, proved = method or METHODS[0], True
            elif asked != SASL_FINAL:
                return f"method {asked}", "asks for a password in a way unknown here", False
        raise ValueError("no end to the answer")

    def rows(self, query: str) -> Iterator[tuple[str, str]]:
        """The rows of two texts that a query gives; none if it is refused."""
        text = query.encode() + b"\0"
        self.send(b"Q" + struct.pack("!i", len(text) + 4) + text)
        for kind, body in self._messages():
            if kind in {b"Z", b"E"}:
                return
            if kind == b"D":
                first, second = _columns(body)
                yield first, second

    def _first(self, asked: int, body: bytes, user: str, secret: str, scram: Scram) -> bytes:
        """The first answer to a request for a password."""
        if METHODS[asked] == "scram-sha-256":
            return b"SCRAM-SHA-256\0" + struct.pack("!i", len(scram.first)) + scram.first
        if METHODS[asked] == "md5":
            inner = hashlib.md5(f"{secret}{user}".encode(), usedforsecurity=False).hexdigest()
            return b"md5" + hashlib.md5(inner.encode() + body[4:8], usedforsecurity=False).hexdigest().encode() + b"\0"
        return secret.encode() + b"\0"

    def _answer(self, body: bytes) -> None:
        self.send(b"p" + struct.pack("!i", len(body) + 4) + body)

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        """What the server says, kind and body. Raises ValueError for what is no message."""
        for _ in range(MESSAGES):
            kind, length = struct.unpack("!ci", self._exactly(5))
            if not 4 <= length <= MESSAGE_LIMIT:  # noqa: PLR2004 - the length counts its own four bytes
                raise ValueError("no PostgreSQL message")
            yield kind, self._exactly(length - 4)

    def _exactly(self, size: int) -> bytes:
        """That many bytes. Raises ConnectionError when the server closes before."""
        data = b""
        while len(data) < size:
            more = self.receive(size - len(data))
            if not more:
                raise ConnectionError(f"{self.where} closed the connection")
            data += more
        return data


def _columns(body: bytes) -> tuple[str, str]:
    found, at = [], 2
    for _ in range(2):
        length = struct.unpack("!i", body[at : at + 4])[0]
        found.append(body[at + 4 : at + 4 + max(length, 0)].decode("utf-8", "replace"))
        at += 4 + max(length, 0)
    return found[0], found[1]


def _error(body: bytes) -> str:
    """The words of an error, without its other fields."""
    fields = body.decode("utf-8", "replace").split("\0")
    return next((field[1:] for field in fields if field.startswith("M")), "an error without words")
