"""What a host does to intruders, and on which addresses its programs listen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.ports import FileLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """One jail of fail2ban, and what became of a stranger at the service it watches.

    `max_retry` and `ban_seconds` are what fail2ban itself says, None where it runs no such jail. `tries` wrong tries
    were made (0: none, as on a host that is not ours); `before` and `after` are what the stranger's connections came
    to, `neighbour` what another client's did then. `listed` is whether fail2ban took him for banned; `released` whether
    he came back once the ban was over, which was shortened to `shortened` seconds.
    """

    jail: str
    service: str
    max_retry: int | None = None
    ban_seconds: int | None = None
    tries: int = 0
    before: str = ""
    after: str = ""
    neighbour: str = ""
    listed: bool = False
    released: bool = False
    shortened: int = 0
    published: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bans:
    """What fail2ban does on a host: `refusal` is what it objects to in its own files, `lines` what those say."""

    bans: tuple[Ban, ...]
    seen_at: datetime
    refusal: str = ""
    lines: tuple[FileLine, ...] = ()

    @property
    def amount(self) -> int:
        """How many jails were looked at; that fail2ban does not run at all is something seen."""
        return len(self.bans) or int(bool(self.refusal))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One address that a program listens on; "" and `*` are all of them. `where` says who told."""

    address: str
    port: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the host's programs listen, as the host says (`at_rest` is False) or as their files do.

    `files` are what was read: files, or the host's own table of sockets.
    """

    listeners: tuple[Listener, ...]
    files: tuple[str, ...]
    at_rest: bool
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many sources were read: that nobody listens is something seen."""
        return len(self.files)
