"""The recoveries that drills try, each a kind of its own."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.drills.recovered import Recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpRecovery(Recovered):
    """The database from its newest dump, after its server and all its data were lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotBackup(Recovered):
    """The database from a dump that was made while clients wrote as hard as they could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRecovery(Recovered):
    """Uploads, configuration and what else is kept in files, after all of it was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRecovery(Recovered):
    """The whole deployment from what is off its host, on machines that held nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover(Recovered):
    """The standby in the primary's place, after that one was killed under writes, and what the old one did when back.

    `streaming` are those that followed the primary before, with their state; `promoted` says that the standby takes
    writes now. The old primary `answered` when it was asked something; what it said to a write is in `refusal`, or it
    `wrote`. `astray` are rows confirmed after that which the new primary does not have.
    """

    primary: str
    standby: str
    streaming: tuple[str, ...] = ()
    promoted: bool = False
    answered: bool = False
    refusal: str = ""
    wrote: bool = False
    astray: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFailover(Failover):
    """The standby of Redis in the primary's place: the rows are keys, and the old one `rejoined` if it follows."""

    rejoined: bool = False
