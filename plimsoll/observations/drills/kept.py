"""What retention keeps and deletes among backups of made-up ages, and who notices that there is no fresh one."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.drills.attempts import Attempts
from plimsoll.observations.drills.recovered import Drilled

HERE, THERE = "here", "off the host"
WORKS, FAILS = "works", "fails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Something that lay there with a made-up age when the retention ran, and whether it still lies there.

    `own` is whether it looks as what the act makes; what does not is somebody else's. `place` is HERE or THERE.
    """

    name: str
    place: str
    days: float
    kept: bool
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """One run of an act among aged backups. `case` is WORKS, or FAILS for one that could not make a backup.

    `made` says whether a new backup is there afterwards.
    """

    act: str
    case: str
    command: str
    code: int | None
    made: bool
    output: str = ""
    aged: tuple[Aged, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRuns(Drilled):
    """The retention of every backup of the runbook, run for real."""

    runs: tuple[RetentionRun, ...] = ()

    def of(self, act: str, case: str = WORKS) -> RetentionRun | None:
        """The run of that act in that case."""
        return next((run for run in self.runs if run.act == act and run.case == case), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest backup that an act left: how old it was when it was looked at, and how long the act takes.

    `script` is what the runbook runs for it.
    """

    act: str
    path: str
    age: float
    seconds: float
    script: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessTrials(Attempts):
    """The deployment's own check, shown fresh backups first (the control), then stale ones and none.

    `newest` is the newest backup of each act as the control saw it; `hours` is what may be lost, as the deployment's
    settings say (RPO_HOURS), 0 where they say nothing.
    """

    newest: tuple[Newest, ...] = ()
    hours: float = 0.0
