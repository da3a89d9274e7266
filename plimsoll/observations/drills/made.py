"""What each backup of a runbook leaves when it is run by hand: on the host, off it, in logs, at whoever is told."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.drills.recovered import Drilled

CUSTOM, SQL, SNAPSHOT, TAR, EMPTY = "custom", "sql", "snapshot", "tar", "empty"
"""Forms of backups: PostgreSQL's own, SQL text, Redis' snapshot, an archive, nothing at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpHead:
    """What a dump of a database says of itself. `whole` is whether its end is there.

    `server` is the version of the server that it is of, `owners` and `grants` count what would be given to roles.
    """

    whole: bool
    server: str = ""
    owners: int = 0
    grants: int = 0
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file that a backup left. `path` is its path on the host, `mode` its permission bits.

    `packed` is the compression around what it holds ("" for none), `form` what that is; `members` are the names in an
    archive.
    """

    path: str
    bytes: int
    mode: int = 0o600
    packed: str = ""
    form: str = ""
    members: tuple[str, ...] = ()
    dump: DumpHead | None = None
    trouble: str = ""

    @property
    def name(self) -> str:
        """Its last part."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One object that came into a bucket meanwhile. `like` is the path of the piece with the same bytes."""

    bucket: str
    key: str
    bytes: int
    like: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One act of backing up, and all that came of it.

    `told` is what was announced meanwhile; `log` the file that its schedule sends its words into, "" for none. `left`
    are files that are neither a backup nor were there before; `open` folders and files that others can read; `spilled`
    the places, other than backups of configuration, in which a secret stands.
    """

    act: str
    command: str
    code: int | None
    output: str = ""
    seconds: float = 0.0
    pieces: tuple[Piece, ...] = ()
    sent: tuple[Sent, ...] = ()
    told: tuple[str, ...] = ()
    log: str = ""
    left: tuple[str, ...] = ()
    spilled: tuple[str, ...] = ()
    peak_bytes: int = 0

    @property
    def works(self) -> bool:
        """Whether it says that it worked, and left something."""
        return self.code == 0 and bool(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupsMade(Drilled):
    """Every backup of the runbook made once, by hand."""

    runs: tuple[Made, ...] = ()

    def of(self, act: str) -> Made | None:
        """What came of that act."""
        return next((run for run in self.runs if run.act == act), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CronRun:
    """One line of a schedule that backs up, run as cron or systemd runs it. `spot` is where it stands.

    `log` is the file that it says something into, `logged` what it said there; `pieces` what it left.
    """

    spot: str
    command: str
    act: str
    code: int | None
    output: str = ""
    log: str = ""
    logged: str = ""
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronRuns(Drilled):
    """Every scheduled backup run once with what cron gives it."""

    runs: tuple[CronRun, ...] = ()
