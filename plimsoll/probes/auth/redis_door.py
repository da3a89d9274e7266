"""Knocking at Redis, in its own words (RESP2): a command, one line back."""

from __future__ import annotations

from plimsoll.observations import Door, Knock
from plimsoll.observations.doors import LET_IN, REFUSED, SILENT
from plimsoll.probes.connection import Connection, Trouble, reason_of
from plimsoll.stacks.protocol import Endpoint

LINE_LIMIT = 4096
"""Bytes of an answer that are read: errors and +PONG fit one line of a hundred."""

USUAL = ("redis", "password", "foobared", "changeme")
"""Passwords of examples: foobared stands in the configuration that Redis ships."""

WRONG = "plimsoll-nobody-has-this-password"
REFUSALS = (
    "-NOAUTH",
    "-WRONGPASS",
    "-NOPERM",
    "-DENIED",
    "-ERR invalid password",
    "-ERR AUTH",
    "-ERR Client sent AUTH",
)
"""How Redis turns people away; -DENIED is its protected mode, which is for others than the machine itself."""


def knock(endpoint: Endpoint, *, right: tuple[str, str] | None, politely: bool, seconds: float) -> Door:
    """What becomes of a PING after each try to authenticate; `politely` without guessing at passwords."""
    tries: list[tuple[str, tuple[str, ...], bool]] = [("no password", (), False)]
    if not politely:
        tries += [("an empty password", ("",), False), ("a wrong password", (WRONG,), False)]
        tries += [(f"the usual password {word!r}", (word,), True) for word in USUAL]
    knocks = tuple(_try(endpoint, offered, secret, default, seconds) for offered, secret, default in tries)
    entered = _try(endpoint, "the right password", tuple(filter(None, right)), False, seconds) if right else None
    return Door(role=endpoint.role, kind="redis", port=endpoint.port, knocks=knocks, entered=entered)


def _try(endpoint: Endpoint, offered: str, secret: tuple[str, ...], default: bool, seconds: float) -> Knock:
    def ended(result: str, words: str) -> Knock:
        return Knock(offered=offered, result=result, words=words, default=default)

    try:
        with Connection(endpoint, seconds=seconds) as connection:
            told = _say(connection, "AUTH", *secret) if secret else ""
            answer = _say(connection, "PING")
    except TimeoutError:
        return ended(SILENT, f"no answer within {seconds:.3g} s")
    except OSError as error:
        return ended(SILENT, reason_of(error))
    except Trouble as trouble:
        return ended(SILENT, trouble.fact)
    if answer == "+PONG":
        return ended(LET_IN, told.removeprefix("-") or "+PONG")
    if answer.startswith(REFUSALS):
        return ended(REFUSED, (told or answer).removeprefix("-"))
    return ended(SILENT, f"no Redis answer: {answer[:80]!r}")


def _say(connection: Connection, *words: str) -> str:
    """The first line of the answer to a command. Raises OSError."""
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    connection.send(f"*{len(words)}\r\n{''.join(parts)}".encode())
    line = b""
    while not line.endswith(b"\r\n") and len(line) < LINE_LIMIT:
        more = connection.receive(1)  # a byte at a time: what follows the line belongs to nobody
        if not more:
            break
        line += more
    return line.decode("utf-8", "replace").strip()
