"""The settings of PostgreSQL and Redis, and who may come in by pg_hba.conf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, Purpose, SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as its server reads it: the name in lower case, the value without quotes and comments.

    `words` are the value's arguments, for servers that take several. `value` may be a password: no message shows that
    of a name which says so.
    """

    name: str
    source: SourceFile = field(repr=False)
    line: int
    value: str = field(default="", repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    quoted: bool = False

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.source.spot(self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One record of pg_hba.conf: for whom, from where, by which method."""

    source: SourceFile = field(repr=False)
    line: int
    type: str
    database: str
    user: str
    address: str
    method: str

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.source.spot(self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """A line that the server does not take for a setting."""

    spot: Spot
    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings(Artefacts):
    """What files of one server say; where a name stands twice, the last counts."""

    settings: tuple[Setting, ...] = ()
    oddities: tuple[Oddity, ...] = ()

    def by_file(self) -> Iterator[tuple[SourceFile, tuple[Setting, ...]]]:
        """The settings of each file that is for production or staging."""
        for source in self.sources:
            if source.purpose in (Purpose.PRODUCTION, Purpose.STAGING):
                yield source, tuple(setting for setting in self.settings if setting.source is source)

    def last(self, name: str) -> Setting | None:
        """The setting of that name that counts."""
        found = [setting for setting in self.settings if setting.name == name]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresFiles(ServerSettings):
    """postgresql.conf and pg_hba.conf."""

    doors: tuple[Door, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFiles(ServerSettings):
    """redis.conf."""
