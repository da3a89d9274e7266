"""What a PostgreSQL server says of its log: where it stands, on which timeline, and what of it is archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook
from plimsoll.probes.database import Sql
from plimsoll.wait import SYSTEM_CLOCK, NotReady, wait_until

ARCHIVE_SECONDS = 30.0
"""Within which a finished segment is archived: a copy of 16 MB beside the data; the archiver looks at once."""

TIMELINE_DIGITS, SEGMENT_DIGITS = 8, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """Whether the server archives its log, and how many seconds it leaves a segment open (0: until it is full)."""

    on: bool
    timeout: float


def archiving(sql: Sql) -> Archiving:
    """What the live server's settings say."""
    ((mode, command, library, timeout),) = sql.run("""
        SELECT current_setting('archive_mode'), current_setting('archive_command', true),
            current_setting('archive_library', true), setting::float FROM pg_settings WHERE name = 'archive_timeout'""")
    stated = bool(library) or str(command) not in ("", "(disabled)", "None")
    return Archiving(on=str(mode) != "off" and stated, timeout=float(str(timeout)))


def timeline(sql: Sql) -> int:
    """The timeline that the server writes: one more after every recovery."""
    return int(written(sql)[:TIMELINE_DIGITS], 16)


def written(sql: Sql) -> str:
    """The segment that the server writes."""
    ((segment,),) = sql.run("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    return str(segment)


def last_archived(sql: Sql) -> str:
    """The last segment that was archived; "" for none."""
    ((segment,),) = sql.run("SELECT last_archived_wal FROM pg_stat_archiver")
    return str(segment or "")[:SEGMENT_DIGITS]


def now(sql: Sql) -> datetime:
    """The moment by the server's own clock."""
    ((moment,),) = sql.run("SELECT extract(epoch FROM clock_timestamp())::float")
    return datetime.fromtimestamp(float(str(moment)), UTC)


def started(sql: Sql) -> datetime:
    """When the server was started."""
    ((moment,),) = sql.run("SELECT extract(epoch FROM pg_postmaster_start_time())::float")
    return datetime.fromtimestamp(float(str(moment)), UTC)


def archived(sql: Sql, *, seconds: float = ARCHIVE_SECONDS) -> tuple[str, float]:
    """The segment that the server wrote until now, ended and archived, and how long that took. Raises CouldNotLook."""
    began = SYSTEM_CLOCK.monotonic()
    ((segment,),) = sql.run("SELECT pg_walfile_name(pg_switch_wal())")

    def last() -> tuple[str, str]:
        """The last segment that was archived, and the last that could not be."""
        ((done, failed),) = sql.run("SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver")
        return str(done or ""), str(failed or "")

    try:
        # Segments of a new timeline sort after all of the old; history and backup files begin with the same name.
        wait_until(
            last,
            lambda seen: seen[0][:SEGMENT_DIGITS] >= str(segment),
            timeout=seconds,
            what=f"the archive of {segment}",
        )
    except NotReady as error:
        done, failed = last()
        why = f"the last that could not be is {failed}" if failed else f"the last that was is {done or 'none'}"
        raise CouldNotLook(f"the server did not archive {segment} within {seconds:g} s: {why}") from error
    return str(segment), SYSTEM_CLOCK.monotonic() - began
