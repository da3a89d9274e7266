"""The drill of the chosen moment: a base backup, more rows, a mistake, and the database as it was just before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed, size_of, until_missed, works_again
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook
from plimsoll.model import Recovery
from plimsoll.observations.drills import DETECT, REPLAY, RESTORE, START, VERIFY, Census, MomentRecovery, differences
from plimsoll.probes import archive
from plimsoll.probes.census import census, main_table
from plimsoll.probes.database import connected
from plimsoll.wait import pause

SAYS = "the database is put back to the moment before a mistake, with all that was written since the base backup"
ROWS = 30
"""Rows confirmed before the base backup, after it, and after the moment: over half a second of writing each."""

MISTAKEN = 20
"""Rows written after the moment and before the mistake: they must not come back."""

QUIET = 0.3
"""Seconds without a write on both sides of the moment, which is a whole second, as people write moments down."""

RESTORE_SECONDS = 600.0
FOUND_SECONDS = 30.0
"""Until the application, which the restore has started again, finds its rows; it takes less than a second."""

DROPPED = "ledger"
"""The schema that somebody drops by mistake: a seed's."""

SHIPS = "backup-incremental"
"""The act that takes what is archived off the server's machine."""

AHEAD = "sequence value"
"""A sequence that was brought back from the log is up to 32 values ahead (SEQ_LOG_VALS): that is how it stays so."""


@dataclass(slots=True)
class Past:
    """What is known of the log and the moment."""

    moment: float = 0.0
    said: str = ""
    damage: str = ""
    mistaken: bool = False
    rows: frozenset[int] = frozenset()
    timelines: tuple[int, int] = (0, 0)
    archiving: archive.Archiving | None = None
    archived_in: float = 0.0
    archives_again: bool = False
    shipped_in: float | None = None
    ships_all: bool = False


def moment_recovery(theatre: Theatre) -> MomentRecovery:
    """Rows, a base backup, more rows, the moment, still more rows, a mistake; then back to the moment."""
    recorder = theatre.recorder("moment", SAYS)
    story, past = Story(recorder), Past()
    with rehearsed(theatre, recorder, acts=("backup-base", "restore-moment")) as rehearsal:
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with rehearsal.witness() as witness:
            try:
                _base(rehearsal, witness, story, past)
                _moment(rehearsal, witness, story, past)
                _mistake(rehearsal, witness, story, past)
                _back(rehearsal, witness, story, past)
                _compared(rehearsal, witness, story, past)
            except CouldNotLook as error:
                story.failed(error.fact)
    return _told(story, past, witness)


def _base(rehearsal: Rehearsal, witness: Witness, story: Story, past: Past) -> None:
    """A base backup while rows are written: the log must make up for what it has only half."""
    with connected(rehearsal.stack, rehearsal.deployment) as sql:
        past.archiving = archive.archiving(sql)
    if not past.archiving.on:
        raise CouldNotLook("the server archives nothing (archive_mode, archive_command): no moment can be restored")
    with rehearsal.recorder.phase("steady"):
        witness.rows(ROWS)
    with rehearsal.recorder.phase("backup"):
        story.backup_at = rehearsal.recorder.now
        rehearsal.operator.does("backup-base", seconds=RESTORE_SECONDS)
        story.backed_up_at = rehearsal.recorder.now
    story.took(rehearsal.operator.newest("backup-base"))


def _moment(rehearsal: Rehearsal, witness: Witness, story: Story, past: Past) -> None:
    """A moment by the server's clock at which nobody writes, and all that there was then."""
    recorder = rehearsal.recorder
    with recorder.phase("more writes"):
        witness.rows(ROWS)
    witness.settle()
    story.before = _counted(rehearsal)
    recorder.data_bytes = size_of(rehearsal)
    with connected(rehearsal.stack, rehearsal.deployment) as sql:
        past.timelines = archive.timeline(sql), 0
        moment = _whole_second(archive.now(sql) + timedelta(seconds=QUIET))
        past.said = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        pause((moment - archive.now(sql)).total_seconds())
        past.moment = recorder.now
        recorder.mark(f"the moment: {past.said}")
        pause(QUIET)


def _mistake(rehearsal: Rehearsal, witness: Witness, story: Story, past: Past) -> None:
    """Somebody's mistake, with rows before and after it; all of it is archived before anybody acts."""
    recorder, table = rehearsal.recorder, main_table(rehearsal.deployment)
    with recorder.phase("too late"):
        witness.go_on()
        witness.rows(MISTAKEN)
    with connected(rehearsal.stack, rehearsal.deployment) as sql:
        past.damage = f"every row of {table} is deleted, and the schema {DROPPED} dropped"
        recorder.act(past.damage, destructive=True)
        story.disaster = recorder.now
        sql.run(f"DELETE FROM {table}")  # noqa: S608 - a plain name, see main_table
        sql.run(f"DROP SCHEMA {DROPPED} CASCADE")
        with recorder.phase(DETECT):
            until_missed(witness, after=story.disaster)
            witness.settle()
        recorder.note("what was written is archived now: production waits for its archive_timeout")
        _, past.archived_in = archive.archived(sql)


def _back(rehearsal: Rehearsal, witness: Witness, story: Story, past: Past) -> None:
    """The runbook's restore, its time split at the moment at which it started the server. Raises CouldNotLook."""
    recorder, deployment = rehearsal.recorder, rehearsal.deployment
    began = recorder.now
    restored = rehearsal.operator.does("restore-moment", seconds=RESTORE_SECONDS, moment=past.said)
    ended = recorder.now
    if not restored.well:
        recorder.between(RESTORE, began, ended)
        raise CouldNotLook(f"the restore to {past.said} failed")
    with connected(rehearsal.stack, deployment) as sql:
        up = (archive.started(sql) - recorder.started).total_seconds()
        past.timelines = past.timelines[0], archive.timeline(sql)
    up = min(max(up, began), ended)
    recorder.between(RESTORE, began, up)
    recorder.between(REPLAY, up, ended)
    story.points.append((recorder.data_bytes, restored.seconds))
    with recorder.phase(START):
        try:
            witness.sees_good(after=ended, seconds=FOUND_SECONDS)
            story.healthy = True
        except CouldNotLook:
            recorder.note("the application does not find the row that was there from the beginning")


def _compared(rehearsal: Rehearsal, witness: Witness, story: Story, past: Past) -> None:
    """What there is, beside what there was at the moment; then more rows, which are archived in their turn."""
    recorder = rehearsal.recorder
    with recorder.phase(VERIFY):
        after = _counted(rehearsal)
        past.mistaken = DROPPED not in after.things.get("schema", {})
        story.changed, story.lagging = differences(story.before, after, but=(AHEAD,)), after.lagging
        past.rows = frozenset(rehearsal.rows())
        story.loss = witness.testimony.loss(past.rows, disaster=past.moment)
    with recorder.phase("afterwards"):
        story.writes_again = works_again(rehearsal, witness)
        with connected(rehearsal.stack, rehearsal.deployment) as sql:
            try:
                segment, _ = archive.archived(sql)
            except CouldNotLook as error:
                recorder.note(error.fact)
            else:
                past.archives_again = True
                recorder.note(f"the server archives again: {segment}")
    if _ships_log(rehearsal.recovery):
        with recorder.phase("ship"), connected(rehearsal.stack, rehearsal.deployment) as sql:
            works_again(rehearsal, witness)  # else there were nothing to ship
            open_segment = archive.written(sql)
            shipped = rehearsal.operator.does(SHIPS)
            past.shipped_in = shipped.seconds if shipped.well else None
            past.ships_all = archive.last_archived(sql) >= open_segment


def _ships_log(recovery: Recovery) -> bool:
    """Whether the increments are the database's: a runbook may have some of Redis, by the script that backs it up."""
    script, *others = (
        recovery.runbook.get(act, "").partition(" ")[0] for act in (SHIPS, "backup-redis", "backup-files")
    )
    return bool(script) and script not in others


def _counted(rehearsal: Rehearsal) -> Census:
    """What the database holds: it alone goes back to the moment."""
    return census(rehearsal.stack, rehearsal.deployment, redis=False, files=False)


def _told(story: Story, past: Past, witness: Witness) -> MomentRecovery:
    testimony = witness.testimony
    between = [w for w in testimony.acknowledged if w.sent > story.backed_up_at and (w.acked or 0.0) < past.moment]
    covered = [w for w in testimony.acknowledged if (w.acked or 0.0) < story.backup_at]
    return story.told(
        MomentRecovery,
        testimony,
        moment=past.moment,
        said=past.said,
        damage=past.damage,
        mistaken=past.mistaken,
        covered=tuple(w.number for w in covered),
        replayed=tuple(w.number for w in between if w.number in past.rows),
        unplayed=tuple(w.number for w in between if w.number not in past.rows),
        later=tuple(w.number for w in testimony.writes if w.sent > past.moment and w.number in past.rows),
        timelines=past.timelines,
        archiving=past.archiving is not None and past.archiving.on,
        archive_timeout=past.archiving.timeout if past.archiving else 0.0,
        archived_in=past.archived_in,
        archives_again=past.archives_again,
        shipped_in=past.shipped_in,
        ships_all=past.ships_all,
    )


def _whole_second(moment: datetime) -> datetime:
    """The first whole second that is not before it."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)
