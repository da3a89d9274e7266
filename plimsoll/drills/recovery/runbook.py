"""The drill of the runbook: every way of leading back that it offers, and one that does not make anybody well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.recovery.files import furnish, kept_files, precious
from plimsoll.drills.recovery.system import STAMP
from plimsoll.drills.stage.attempting import Attempting, NotLanded
from plimsoll.drills.stage.rehearsal import DATABASE, Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import Census, RunbookTrials
from plimsoll.observations.drills.troubles import UNWELL
from plimsoll.probes.census import census, main_table
from plimsoll.probes.database import connected
from plimsoll.wait import pause

SAYS = "every way of leading back that the runbook offers is tried, also with an application that does not get well"
BACKUP, WHOLE, DATA, RESTART = "backup-all", "restore-all", "restore-data", "restart"
HEALTH = "HEALTH_URL"
NOBODY = "http://127.0.0.1:1"
"""Where nobody listens: tcpmux's port, which only root could open."""

PATIENCE, SOON = "HEALTH_SECONDS", "2"
"""How long a recovery waits for an application to be well: nobody is waited for long who will not answer."""

SCALE = 0.2
"""Of the usual data: what is tried here is where the ways lead; how long one takes is measured elsewhere."""

SECONDS = 180.0
SPOILED = "spoiled"
SET_APART = ("role", "grant", "owner", "default")
"""Kinds of which a promise of their own speaks: some dumps leave them out on purpose."""


def runbook_trials(theatre: Theatre) -> RunbookTrials:
    """A whole backup; then data spoiled and led back, in every way there is."""
    recorder = theatre.recorder("runbook", SAYS)
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs(BACKUP, WHOLE)
        furnish(rehearsal)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale * SCALE)
        made = operator.does(BACKUP, seconds=SECONDS)
        stamp = STAMP.findall(operator.newest(BACKUP).name)[-1] if made.well else ""
        drill = _Drill(rehearsal, stamp)
        if drill.attempting.works(lambda: drill.leads_back(WHOLE, files=True)):
            drill.goes_through_all()
        return drill.attempting.told(
            RunbookTrials,
            commands={
                act: command for act, command in rehearsal.recovery.runbook.items() if act in (WHOLE, DATA, RESTART)
            },
            health=str(operator.settings.get(HEALTH, "")),
        )


class _Drill:
    """The ways, each a method that says how its command ended."""

    def __init__(self, rehearsal: Rehearsal, stamp: str) -> None:
        self._rehearsal = rehearsal
        self._stamp = stamp
        self.attempting = Attempting(rehearsal, self._look)

    def _look(self) -> Census:
        found = census(self._rehearsal.stack, self._rehearsal.deployment, redis=False, files=False)
        things = {kind: names for kind, names in found.things.items() if kind not in SET_APART}
        return replace(found, things=things, files=kept_files(self._rehearsal))

    def leads_back(self, act: str, *, files: bool = False) -> Done:
        """What spoils rows, and loses files if they come back as well; then the runbook's command."""
        self._spoil(files=files)
        return self._rehearsal.operator.does(act, seconds=SECONDS, stamp=self._stamp, backup=self._stamp)

    def goes_through_all(self) -> None:
        """The data alone, a restart, and a recovery after which nobody is well."""
        operator, tries, untried = self._rehearsal.operator, self.attempting.tries, self.attempting.untried
        for act, way in ((DATA, self._data), (RESTART, self._restarted)):
            if operator.knows(act):
                pause(1.05)  # what is set aside is named after the second in which it is
                tries(act, way)
            else:
                untried[act] = f"the runbook does not say how to {act.replace('-', ' ')}"
        if HEALTH in operator.settings:
            pause(1.05)  # likewise
            tries(UNWELL, self._unwell)
        else:
            untried[UNWELL] = f"the scripts have no setting {HEALTH}"

    def _data(self) -> tuple[Done, str]:
        return self.leads_back(DATA), f"rows of {main_table(self._rehearsal.deployment)} were spoiled before"

    def _restarted(self) -> tuple[Done, str]:
        before = self._began()
        done = self._rehearsal.operator.does(RESTART, seconds=SECONDS)
        if done.well and self._began() == before:
            raise NotLanded(f"{DATABASE} runs since {before}, as before the restart")
        return done, f"{DATABASE} ran since {before}, and runs anew"

    def _unwell(self) -> tuple[Done, str]:
        said = self._rehearsal.operator.settings[HEALTH]
        nobody = f"{NOBODY}/{said.partition('://')[2].partition('/')[2]}"
        operator = self._rehearsal.operator
        more = {HEALTH: nobody, PATIENCE: SOON}
        done = operator.does(WHOLE, seconds=SECONDS, stamp=self._stamp, backup=self._stamp, more=more)
        return done, f"nobody answers at {nobody}"

    def _began(self) -> str:
        with connected(self._rehearsal.stack, self._rehearsal.deployment) as sql:
            ((moment,),) = sql.run("SELECT pg_postmaster_start_time()::text")
        return str(moment)

    def _spoil(self, *, files: bool) -> None:
        rehearsal, table = self._rehearsal, main_table(self._rehearsal.deployment)
        lost = sorted(_files(rehearsal)) if files else []
        what = f"rows of {table} are spoiled{f', and {len(lost)} files are lost' if lost else ''}"
        rehearsal.recorder.act(what, destructive=True)
        with connected(rehearsal.stack, rehearsal.deployment) as sql:
            sql.run(f"UPDATE {table} SET title = '{SPOILED}' WHERE id % 2 = 0")  # noqa: S608 - plain names, see main_table
            ((spoiled,),) = sql.run(f"SELECT count(*) FROM {table} WHERE title = '{SPOILED}'")  # noqa: S608 - likewise
        if not spoiled:
            raise CouldNotLook(f"{table} has no row that could be spoiled")
        for path in lost:
            path.unlink()


def _files(rehearsal: Rehearsal) -> set[Path]:
    found = precious(rehearsal).values()
    return {file for path in found for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()}
