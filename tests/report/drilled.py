"""Made-up drills as a run would bring them back: a dump restored, refusals, and what earlier nights showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from plimsoll.observations.drills import (
    Attempt,
    Attempts,
    Difference,
    DrillRecord,
    Entry,
    History,
    Journal,
    Phase,
    Read,
    Recovered,
    Rehearsal,
    Testimony,
    Write,
)
from plimsoll.observations.drills.record import record

STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
BACKUP, DISASTER, BACK = 2.9, 4.2, 7.6
EVERY = 0.02
"""Seconds between two rows of the witness."""

DUMP = "/opt/sample/scripts/backup-database.sh"
RESTORE = "/opt/sample/scripts/restore-database.sh /var/backups/sample/db_20260314.sql.gz --replace"


def witnessed(*, end: float) -> Testimony:
    """Rows every fiftieth of a second, unanswered while the service is away; a look every tenth."""
    writes = []
    for number in range(1, int(end / EVERY)):
        sent = number * EVERY
        away = DISASTER - 0.03 <= sent < BACK
        writes.append(
            Write(number=number, sent=sent, acked=None if away else sent + 0.006, status=None if away else 201)
        )
    reads = tuple(Read(at=n / 10, good=not DISASTER <= n / 10 < BACK) for n in range(int(end * 10)))
    return Testimony(writes=tuple(writes), reads=reads)


def recovered(*, drill: str = "dump recovery", healthy: bool = True, keeps: float = BACKUP) -> Recovered:
    """A dump taken at BACKUP, everything lost at DISASTER, served again at BACK."""
    seen = witnessed(end=9.0)
    found = {w.number for w in seen.acknowledged if w.acked is not None and (w.acked < keeps or w.acked > BACK)}
    found.add(next(w.number for w in seen.writes if w.acked is None))
    return Recovered(
        journal=Journal(
            drill=drill,
            says="a dump is made while rows are written, everything is lost, and the runbook leads it back",
            started=STARTED,
            medium="ext4, writes wait for it",
            data_bytes=24_000_000,
            phases=(
                Phase(name="steady state", started=0.0, finished=BACKUP),
                Phase(name="backup", started=BACKUP, finished=3.8),
                Phase(name="detect", started=DISASTER, finished=4.4),
                Phase(name="fetch", started=4.4, finished=4.5),
                Phase(name="restore", started=4.5, finished=6.5),
                Phase(name="start", started=6.5, finished=7.1),
                Phase(name="verify", started=7.1, finished=BACK),
            ),
            entries=(
                Entry(at=BACKUP, kind="command", what=DUMP, code=0, output="db_20260314.sql.gz: 6.1 MB\n", seconds=0.9),
                Entry(at=4.1, kind="mark", what="census: 14 tables, 21,344 rows"),
                Entry(at=DISASTER, kind="act", what="the database is lost with all its data", destructive=True),
                Entry(
                    at=4.5,
                    kind="command",
                    what=RESTORE,
                    code=0,
                    output="checked: db_20260314.sql.gz\nset aside: sample_20260314\nrestored: 14 tables\n",
                    seconds=2.0,
                ),
                Entry(at=7.2, kind="note", what="every table has as many rows as the dump"),
            ),
        ),
        seen_at=STARTED,
        disaster=DISASTER,
        testimony=seen,
        loss=seen.loss(found, disaster=DISASTER),
        backup_at=BACKUP,
        backed_up_at=3.8,
        healthy=healthy,
        writes_again=healthy,
        backup="/var/backups/sample/db_20260314.sql.gz",
        backup_bytes=6_100_000,
        points=((2_400_000, 0.9), (12_000_000, 1.6), (24_000_000, 2.7)),
        fastest={"pg_basebackup and start": 0.9, "pg_restore -j2": 1.8},
    )


def refusals() -> Attempts:
    """A control, something refused, and something that was not."""
    return Attempts(
        attempts=(
            Attempt(name="a good backup", command=RESTORE, code=0, output="restored: 14 tables", seconds=2.0),
            Attempt(
                name="a truncated archive",
                command=RESTORE,
                code=1,
                output="gzip: unexpected end of file\nnothing was touched",
                landed="the archive ends after 3,050 of 6,100 kB; gzip --test says so",
                seconds=0.1,
                told=("backup of sample could not be restored",),
            ),
            Attempt(
                name="an archive of another database",
                command=RESTORE,
                code=0,
                output="restored: 3 tables",
                landed="its tables are wiki, page, revision",
                changed=(Difference(what="table trips", before="212 rows, 9f8c", after=""),),
                left=("/var/backups/sample/db_wiki.sql.gz",),
                seconds=1.1,
            ),
        ),
        journal=Journal(drill="restore refusals", says="", started=STARTED, medium="tmpfs"),
        seen_at=STARTED,
    )


def records(promises: Sequence[str] = ()) -> tuple[DrillRecord, ...]:
    """A recovery that lost what came after the backup, one that lost more and is not up, and refusals."""
    late = recovered(drill="files recovery", healthy=False, keeps=2.0)
    return (
        record(recovered(), promises=promises, target=50 * 10**9),
        record(late, promises=promises[:1]),
        record(refusals()),
    )


def nights(count: int) -> History:
    """So many nights, one of which did not bring all back."""
    rehearsals = tuple(
        Rehearsal(
            run=f"run-{night:02}",
            at=STARTED - timedelta(days=count - night),
            deployment="sample",
            stack="processes",
            drill="dump recovery",
            good=night != count // 2,
            outcome="pass",
            rto=3.0 + night % 5 / 5,
            rpo_seconds=1.3,
            rpo_rows=40 + night * 7 % 30,
            data_bytes=24_000_000,
            medium="ext4",
        )
        for night in range(count)
    )
    return History(rehearsals=rehearsals, seen_at=STARTED, unread=((7, "is not JSON"),))
