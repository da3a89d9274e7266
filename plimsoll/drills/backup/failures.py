"""The drill of backups that fail: something befalls each, and it must say so and leave nothing that looks like one."""

from __future__ import annotations

from plimsoll.drills.backup.faults import Faults, small_disk
from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.attempting import Attempting, NotLanded, files_in, next_second
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.observations.drills import BackupFailures, Census
from plimsoll.observations.drills.troubles import (
    AT_ONCE,
    CLOCK,
    CUT_OFF,
    DAMAGED,
    DAMAGED_ALL,
    DISK_FULL,
    DOWN,
    FOLDER,
    KILLED,
    LOGIN,
    RIGHTS,
)

SAYS = "backups fail in every way there is; each says so, leaves nothing that looks good, and spoils no older one"
BACKUP, WHOLE = "backup-database", "backup-all"
FILE = "file"
"""What backups are, and what one that failed must not leave."""

SECONDS = 60.0
"""Until a backup of little data is given up."""


def backup_failures(theatre: Theatre) -> BackupFailures:
    """A good backup first; then one fault after the other, and what each leaves."""
    recorder = theatre.recorder("backup failures", SAYS)
    with rehearsed(theatre, recorder) as rehearsal:
        rehearsal.operator.needs(BACKUP)
        rehearsal.operator.made(BACKUP)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale, uploads=False)
        attempting = Attempting(rehearsal, lambda: backups_of(rehearsal), leaves=FILE)
        drill = _Drill(attempting)
        if attempting.works(lambda: rehearsal.operator.does(BACKUP, seconds=SECONDS)):
            drill.goes_through_all()
        return attempting.told(BackupFailures)


def backups_of(rehearsal: Rehearsal) -> Census:
    """What looks like a backup: what the runbook says that good runs leave, here and in the store."""
    operator = rehearsal.operator
    made = [path for act in (BACKUP, WHOLE) if act in rehearsal.recovery.produces for path in operator.made(act)]
    here = files_in(made, operator.shown)
    there = rehearsal.store.keys(rehearsal.bucket) if rehearsal.bucket else {}
    return Census(files=here | {f"s3://{rehearsal.bucket}/{key}": f"{size} bytes" for key, size in there.items()})


class _Drill:
    """The attempts, each a method that says how the command ended and by what the fault is known to have been there."""

    def __init__(self, attempting: Attempting) -> None:
        self._attempting = attempting
        self._rehearsal = attempting.rehearsal
        self._operator = attempting.rehearsal.operator
        self._faults = Faults(attempting.rehearsal)
        self._half = 0

    def goes_through_all(self) -> None:
        """Those that cannot be tried here say why."""
        tries, untried = self._attempting.tries, self._attempting.untried
        self._attempting.mend = lambda: self._operator.does(BACKUP, seconds=SECONDS)
        compressed = self._faults.compresses(BACKUP)
        self._half = self._operator.newest(BACKUP).stat().st_size // 2
        tries(KILLED, self._dump_killed)
        tries(CUT_OFF, self._script_killed)
        tries(DISK_FULL, self._disk_full)
        tries(LOGIN, self._login_refused)
        tries(RIGHTS, self._permission_denied)
        tries(DOWN, self._database_down)
        tries(FOLDER, self._folder_unusable)
        if compressed:
            tries(DAMAGED, lambda: self._damaged(BACKUP))
        else:
            untried[DAMAGED] = "nothing is compressed at the host, so nothing can be damaged there"
        tries(AT_ONCE, self._two_at_once)
        self._clock_back()
        if not self._operator.knows(WHOLE):
            untried[DAMAGED_ALL] = f"the runbook does not say how to {WHOLE}"
        else:
            self._attempting.moved_on()
            tries(DAMAGED_ALL, lambda: self._damaged(WHOLE))

    def _dump_killed(self) -> tuple[Done, str]:
        running = self._operator.begins(self._operator.command(BACKUP))
        landed = self._faults.ends_the_dump(running)
        return self._operator.finished(running, seconds=SECONDS), landed

    def _script_killed(self) -> tuple[Done, str]:
        running = self._operator.begins(self._operator.command(BACKUP))
        landed = self._faults.while_dumping(running)
        running.end()
        return self._operator.finished(running, seconds=SECONDS), f"it was killed while {landed}"

    def _disk_full(self) -> tuple[Done, str]:
        done = self._operator.runs(small_disk(self._operator.command(BACKUP), self._half), seconds=SECONDS)
        return done, f"no file may be larger than {self._half} bytes, half of a good backup"

    def _login_refused(self) -> tuple[Done, str]:
        return self._with_settings({"PGUSER": "nobody_here"}, self._faults.refusal("nobody_here"))

    def _permission_denied(self) -> tuple[Done, str]:
        with self._faults.restricted() as (user, landed):
            return self._with_settings({"PGUSER": user}, landed)

    def _database_down(self) -> tuple[Done, str]:
        self._rehearsal.recorder.act(f"{DATABASE} is halted", destructive=True)
        self._operator.runs(f"docker compose stop {DATABASE}")
        try:
            done = self._operator.does(BACKUP, seconds=SECONDS)
        finally:
            self._operator.runs(f"docker compose start {DATABASE}")
        return done, f"{DATABASE} was halted"

    def _folder_unusable(self) -> tuple[Done, str]:
        setting = self._faults.folder_setting(self._rehearsal.recovery.produces[BACKUP])
        file = self._operator.place("/somebodys-file")
        file.touch()
        return self._with_settings({setting: str(file)}, f"{setting} is a file")

    def _with_settings(self, more: dict[str, str], landed: str) -> tuple[Done, str]:
        unknown = more.keys() - self._operator.settings.keys()
        if unknown:
            raise NotLanded(f"the scripts have no setting {', '.join(unknown)}")
        return self._operator.does(BACKUP, seconds=SECONDS, more=more), landed

    def _damaged(self, act: str) -> tuple[Done, str]:
        with self._faults.careless_gzip() as (path, landed):
            done = self._operator.does(act, seconds=SECONDS, more={"PATH": path})
        return done, landed()

    def _two_at_once(self) -> tuple[Done, str]:
        """A lock holds the first one's dump; meanwhile the second is begun."""
        next_second()
        with self._faults.held_dump() as held:
            first = self._operator.begins(self._operator.command(BACKUP))
            landed = held(first)
            next_second()
            second = self._operator.begins(self._operator.command(BACKUP))
            self._faults.settled(second)
        done = self._operator.finished(second, seconds=SECONDS)
        self._operator.finished(first, seconds=SECONDS)
        return done, landed

    def _clock_back(self) -> None:
        """The same second twice: the second backup of it finds its name taken."""
        with self._faults.stopped_clock() as (path, landed):
            first = self._operator.does(BACKUP, seconds=SECONDS, more={"PATH": path})
            self._attempting.moved_on()

            def second() -> tuple[Done, str]:
                if not first.well:
                    raise NotLanded(f"no backup can be made when the clock is two days behind: {first.output[-200:]}")
                return self._operator.does(BACKUP, seconds=SECONDS, more={"PATH": path}), landed()

            self._attempting.tries(CLOCK, second)
