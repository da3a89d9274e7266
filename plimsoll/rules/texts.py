"""Texts that servers send, read without ever raising: whatever comes is an answer to judge."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

DIGITS = 18
"""Digits of the largest number read: an age of 10^18 seconds outlives the universe."""

PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """Where a URL leads. What could not be read is empty; a path is never (RFC 3986, 6.2.3)."""

    scheme: str
    host: str
    port: int
    path: str
    query: str


def whole_number(text: str) -> int | None:
    """The number that ASCII digits say, or None; numbers with more digits than make sense are the largest one."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= DIGITS else 10**DIGITS


def address(url: str) -> Address:
    """The parts of a URL, with the scheme's own port where it names none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return Address("", "", 0, "/", "")
    return Address(parts.scheme, parts.hostname or "", port, parts.path or "/", parts.query)


def directives(value: str, *, separator: str = ";") -> list[tuple[str, str]]:
    """The directives of a header in order, names in lower case."""
    parts = (part.strip().partition("=") for part in value.split(separator))
    return [(name.strip().lower(), argument.strip()) for name, _, argument in parts if name.strip()]
