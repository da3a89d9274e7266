"""The acts of a runbook that make backups: what schedules run them, and what they have left."""

from __future__ import annotations

import re
from pathlib import Path

from plimsoll.drills.host.operator import Operator
from plimsoll.drills.host.traces import Trace
from plimsoll.errors import NothingOfTheKind
from plimsoll.model import ACTS, Deployment
from plimsoll.observations.artefacts import CronLine, Schedules

BACKUP, WHOLE = "backup-", "backup-all"
"""What the names of acts begin with that make backups, and the one that makes all of them."""

UNFINISHED = re.compile(r"\.(partial|part|tmp|temp|new|incomplete)$")
STAMP = re.compile(r"(?P<date>20\d{6}|20\d\d-\d\d-\d\d)(?P<between>[T_-]?)(?P<time>\d{6}|\d\d-\d\d-\d\d|\d{4})?(?!\d)")
"""The moment in a backup's name, as `date` writes it."""

REDIRECTED = re.compile(r"(?<![\d&>])>>?\s*(?P<file>/[^\s;&|]+)")
REST = re.compile(r"\s+[\d&]?>|\s*(?:\||&&|;)")
"""What follows a command in a crontab's line."""

JOURNAL = "the journal"
"""Where systemd keeps what a service says (systemd.exec(5), StandardOutput)."""


def backup_acts(deployment: Deployment) -> tuple[str, ...]:
    """The acts of the runbook that make backups, the one that makes all of them last.

    Raises NothingOfTheKind where there are none.
    """
    runbook = deployment.recovery.runbook if deployment.recovery else {}
    acts = tuple(act for act in ACTS if act.startswith(BACKUP) and act in runbook)
    if not acts:
        raise NothingOfTheKind("the runbook does not say how to back up anything", hint="[recovery.runbook]")
    return tuple(sorted(acts, key=lambda act: act == WHOLE))


def needless(operator: Operator, act: str) -> bool:
    """Whether others have left what the act leaves, as it makes all backups: one of each is there without it."""
    try:
        return act == WHOLE and bool(operator.made(act))
    except NothingOfTheKind:
        return False


def new_of(operator: Operator, act: str, trace: Trace) -> tuple[Path, ...]:
    """The backups, files or folders, that this run of the act has left under their final names."""
    try:
        return tuple(path for path in operator.made(act) if path in trace.new)
    except NothingOfTheKind:
        return ()


def files_of(operator: Operator, act: str, trace: Trace) -> tuple[Path, ...]:
    """The files of these backups, and what has come beside them with the same moment in its name."""
    made = new_of(operator, act, trace)
    moments = {(path.parent, found[0]) for path in made if (found := STAMP.search(path.name))}
    beside = [
        path
        for path in trace.new
        if path not in made
        and not UNFINISHED.search(path.name)
        and (found := STAMP.search(path.name))
        and (path.parent, found[0]) in moments
    ]
    return tuple(
        file
        for path in (*made, *beside)
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.is_file()
    )


def lines_of(plans: Schedules, command: str) -> tuple[CronLine, ...]:
    """The lines that run the very command, its words and no more, whatever they do with what it says."""
    words = command.split()
    return tuple(line for line in plans.lines if _ends_in(REST.split(line.command)[0].split(), words))


def _ends_in(said: list[str], words: list[str]) -> bool:
    return said[-len(words) :] == words


def log_of(line: CronLine) -> str:
    """The file that what a scheduled command says goes into; "" where nothing keeps it."""
    found = REDIRECTED.search(line.command)
    return found["file"] if found else JOURNAL if line.timer else ""
