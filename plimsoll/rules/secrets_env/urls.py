"""Addresses of services as variables state them: scheme, account, host, port, database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

PARTS = re.compile(
    r"<?(?P<scheme>[a-z][a-z0-9+.-]*)://(?:(?P<user>[^:@/\s]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:,/?#@\s>]*)(?::(?P<port>[^,/?#\s>]*))?(?P<others>(?:,[^,/?#@\s>]+)*)"
    r"(?P<rest>[/?#][^\s>]*)?>?"
)
"""A URL as people write it, also as the gap of a template: `<postgresql://app:...@postgres:5432/shop>`. The last @ ends
the password, so that one with an unescaped @ in it is seen whole; PostgreSQL's may name several hosts (its manual,
34.1.1)."""

STANDARD: Mapping[str, int] = {"postgresql": 5432, "postgres": 5432, "redis": 6379, "rediss": 6379}
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"})
GAPS = frozenset(
    {"host", "hostname", "your-host", "port", "user", "username", "password", "pass", "database", "dbname"}
)
"""Words that stand in guides where a value belongs."""

NUMBER = re.compile(r"[0-9]{1,5}")
RESERVED = re.compile(r"[@/?#\[\]\s%](?![0-9A-Fa-f]{2})|[@/?#\[\]\s]")
"""What a password in a URL must escape (RFC 3986, 3.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A service's address; `gap` when it is written as one, with words where values belong; `port` is 0 for none.

    `others` are further `host:port` behind which the same may be found.
    """

    scheme: str
    user: str
    password: str
    host: str
    port: int
    port_text: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    gap: bool
    others: tuple[str, ...] = ()

    @property
    def is_database(self) -> bool:
        """Whether it is PostgreSQL's."""
        return self.scheme.split("+")[0] in ("postgres", "postgresql")

    @property
    def is_redis(self) -> bool:
        """Whether it is Redis's."""
        return self.scheme in ("redis", "rediss")

    @property
    def is_local(self) -> bool:
        """Whether it is on the machine, or in the container, that asks."""
        return self.host.lower() in LOCAL


def address_in(value: str) -> Address | None:
    """The address that a value states; None if it is none."""
    match = PARTS.fullmatch(value.strip())
    if match is None or not match["host"]:
        return None
    rest = match["rest"] or ""
    path, _, query = rest.partition("?")
    port_text = match["port"] or ""
    scheme, user, password = match["scheme"], match["user"] or "", match["password"] or ""
    standard = STANDARD.get(scheme.split("+")[0], 0)
    words = {match["host"].lower(), port_text.lower(), user.lower()}
    return Address(
        scheme=scheme,
        user=user,
        password=password,
        host=match["host"],
        port=int(port_text) if NUMBER.fullmatch(port_text) else (0 if port_text else standard),
        port_text=port_text,
        path=path.strip("/"),
        query={name: tuple(values) for name, values in parse_qs(query).items()},
        gap=value.startswith("<") or "..." in password or bool(words & GAPS) or "${" in value or "$(" in value,
        others=tuple(filter(None, match["others"].split(","))),
    )


def addresses_in(value: str) -> Iterator[Address]:
    """The address that a value states, once for every host that it names."""
    first = address_in(value)
    if first is None:
        return
    yield first
    for other in first.others:
        host, _, port = other.partition(":")
        standard = STANDARD.get(first.scheme.split("+")[0], 0)
        number = int(port) if NUMBER.fullmatch(port) else (0 if port else standard)
        yield replace(first, host=host, port=number, port_text=port)
