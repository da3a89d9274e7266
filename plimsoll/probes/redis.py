"""Redis asked in its own words (RESP2), several commands in one go, under a deadline that always holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.probes.connection import Connection, reason_of
from plimsoll.stacks.protocol import Credentials, Endpoint, Stack, endpoint_of

SECONDS = 10.0
"""Seconds for one batch of commands."""

Word = str | bytes | int
Reply = bytes | int | None | list["Reply"]


class RedisSaid(CouldNotLook):
    """An error that Redis answered with."""


class Redis:
    """One connection to a Redis service, authenticated. Raises CouldNotLook for whatever goes wrong."""

    def __init__(self, endpoint: Endpoint, password: str, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._where = endpoint.role
        self._rest = b""
        self._connection = Connection(endpoint, seconds=seconds)
        if password:
            self.ask("AUTH", password)

    def ask(self, *words: Word) -> Reply:
        """The answer to one command."""
        return self.all([words])[0]

    def all(self, commands: Iterable[Sequence[Word]]) -> list[Reply]:
        """The answers to several commands, sent at once."""
        asked = list(commands)
        self._connection.renew(self._seconds)
        try:
            self._connection.send(b"".join(map(_encoded, asked)))
            return [self._reply() for _ in asked]
        except TimeoutError as error:
            raise CouldNotLook(f"{self._where} did not answer within {self._seconds:.3g} s") from error
        except OSError as error:
            raise CouldNotLook(f"{self._where} did not answer: {reason_of(error)}") from error

    def close(self) -> None:
        """The connection is closed."""
        self._connection.close()

    def _reply(self) -> Reply:
        line = self._line()
        kind, text = line[:1], line[1:]
        match kind:
            case b"+":
                return text
            case b"-":
                raise RedisSaid(f"{self._where} says {text.decode(errors='replace')}")
            case b":":
                return int(text)
            case b"$":
                return None if text == b"-1" else self._bytes(int(text))
            case b"*":
                return None if text == b"-1" else [self._reply() for _ in range(int(text))]
            case _:
                raise CouldNotLook(f"no Redis answers at {self._where}: {line[:40]!r}")

    def _line(self) -> bytes:
        while b"\r\n" not in self._rest:
            self._more()
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line

    def _bytes(self, size: int) -> bytes:
        parts, come = [self._rest], len(self._rest)
        while come < size + 2:  # a value ends with a line's end of its own
            self._rest = b""
            self._more()
            parts.append(self._rest)
            come += len(self._rest)
        whole = b"".join(parts)
        self._rest = whole[size + 2 :]
        return whole[:size]

    def _more(self) -> None:
        data = self._connection.receive()
        if not data:
            raise CouldNotLook(f"{self._where} closed the connection in the middle of an answer")
        self._rest += data


@contextmanager
def redis_of(stack: Stack, role: str = "redis", *, seconds: float = SECONDS) -> Iterator[Redis]:
    """A connection to a stack's Redis. Raises CouldNotLook."""
    if not isinstance(stack, Credentials):
        raise OutOfReach(f"nobody logs in to {role} on a {stack.kind} stack")
    connection = Redis(endpoint_of(stack, role), stack.credentials(role)[1], seconds=seconds)
    try:
        yield connection
    finally:
        connection.close()


def primary_of(stack: Stack, *roles: str, seconds: float = SECONDS) -> str:
    """The first of these Redis services that takes writes. Raises CouldNotLook."""
    trouble = CouldNotLook(f"none of {', '.join(roles)} takes writes")
    for role in roles:
        try:
            with redis_of(stack, role, seconds=seconds) as redis:
                said = redis.ask("ROLE")
        except CouldNotLook as error:
            trouble = error
        else:
            if isinstance(said, list) and said[0] == b"master":
                return role
    raise trouble


def facts_of(redis: Redis, section: str) -> dict[str, str]:
    """What a Redis says of itself in that section, by name. Raises CouldNotLook."""
    lines = text_of(redis.ask("INFO", section)).splitlines()
    return {name: said for name, colon, said in (line.partition(":") for line in lines) if colon}


def text_of(reply: Reply) -> str:
    """A reply that is a text."""
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)


def words_of(reply: Reply) -> list[bytes]:
    """A reply that is a list of texts; nothing where it is none."""
    return [each for each in reply if isinstance(each, bytes)] if isinstance(reply, list) else []


def _encoded(words: Sequence[Word]) -> bytes:
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
