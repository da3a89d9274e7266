"""Whom services let in: data services, and pages that ask for a name and a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LET_IN, REFUSED, SILENT = "let in", "refused", "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """One try to get in: with what, how that ended (let in, refused, silent), and the service's own words.

    `default` when it was made with a name and a password that the product ships with or that guides show.
    """

    offered: str
    result: str
    words: str = ""
    default: bool = False

    @property
    def where(self) -> str:
        """The knock in a few words."""
        return f"{self.offered}: {self.result}{f' ({self.words})' if self.words else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One port of one service, and what happened to whoever knocked.

    `entered` is the knock with the right password, None where nobody told it. `method` is how PostgreSQL asks for a
    password (scram-sha-256, md5, password, trust), `stored` how each of its users' passwords is kept and `storing` how
    the next one will be; "" and nothing where that was not to be seen.
    """

    role: str
    kind: str
    port: int
    knocks: tuple[Knock, ...]
    entered: Knock | None = None
    method: str = ""
    stored: Mapping[str, str] = field(default_factory=dict)
    storing: str = ""

    @property
    def name(self) -> str:
        """The door in a few words."""
        return f"{self.role}:{self.port}"

    @property
    def answered(self) -> bool:
        """Whether anybody was at home."""
        return any(knock.result != SILENT for knock in self.knocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The doors of all services that somebody might walk in by."""

    doors: tuple[Door, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many answered."""
        return sum(door.answered for door in self.doors)

    def of(self, role: str) -> tuple[Door, ...]:
        """The doors of one role, a replica each."""
        return tuple(door for door in self.doors if door.role == role)
