"""Every scheduled backup run as cron or systemd runs it: with sh, a short PATH, no terminal, and nobody's settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.host.acts import backup_acts, lines_of, log_of, new_of
from plimsoll.drills.host.operator import Operator
from plimsoll.drills.host.shims import made_here
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.observations.artefacts import CronLine
from plimsoll.observations.drills import CronRuns
from plimsoll.observations.drills.made import CronRun
from plimsoll.probes.schedules import scheduled

SHELL, PATH = "/bin/sh", "/usr/bin:/bin"
"""What cron gives a command that its crontab says nothing else for (crontab(5))."""

SYSTEMD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""systemd.exec(5), PATH of the system's manager."""

SETTING = re.compile(r"^\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*$")
OF_HOST = re.compile(r"(?<![\w./:$}~-])/(?!(?:usr|bin|sbin|dev|proc)/)[\w.@+-][\w./@+-]*")
"""A path in a command that lies on the host itself, and not among what every machine has."""

PERCENT = re.compile(r"(?<!\\)%")


def run_schedules(theatre: Theatre) -> CronRuns:
    """Every line of the crontabs and timers that makes a backup of the runbook, run once."""
    acts = backup_acts(theatre.deployment)
    recorder = theatre.recorder("schedules", "scheduled backups run with what cron gives them")
    runs = list[CronRun]()
    with rehearsed(theatre, recorder) as rehearsal:
        plans = scheduled(theatre.deployment, rehearsal.stack.artefacts)
        # What only takes off the host what has changed leaves nothing where nobody writes.
        with rehearsal.witness():
            for act in acts:
                for line in lines_of(plans, rehearsal.operator.command(act)):
                    with recorder.phase(act):
                        runs.append(_run(rehearsal, act, line))
    return CronRuns(journal=recorder.journal(), seen_at=datetime.now(UTC), runs=tuple(runs))


def _run(rehearsal: Rehearsal, act: str, line: CronLine) -> CronRun:
    """The line's command, run once, and what came of it."""
    operator = rehearsal.operator
    settings = {} if line.timer else _settings(rehearsal.stack.artefacts, line)
    log = log_of(line)
    file = operator.place(log) if log.startswith("/") else None
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    before = file.stat().st_size if file is not None and file.exists() else 0
    trace = made_here(operator, _command(operator, line, settings), more=_environment(operator, line, settings))
    logged = file.read_text(encoding="utf-8", errors="replace")[before:] if file is not None and file.exists() else ""
    root = operator.place("/")
    return CronRun(
        spot=str(line.spot),
        command=line.command,
        act=act,
        code=trace.done.code,
        output=trace.done.output,
        log=log if file is not None else "",
        logged=logged.replace(f"{root}/", "/"),
        pieces=tuple(f"/{path.relative_to(root)}" for path in new_of(operator, act, trace)),
    )


def _command(operator: Operator, line: CronLine, settings: Mapping[str, str]) -> str:
    """What is typed for a line: a shell with what cron hands it. systemd knows no shell, and starts a program."""
    if line.timer:
        return line.command
    shell = Path(settings.get("SHELL", SHELL)).name
    return shlex.join([shell, "-c", handed(line.command, lambda path: str(operator.place(path)))])


def handed(command: str, place: Callable[[str], str]) -> str:
    """What cron hands to its shell, on a host whose paths lie elsewhere.

    That is all up to the first % that has no backslash; what follows is its input, and other % lose their backslash.
    """
    said, *rest = PERCENT.split(command, maxsplit=1)
    here = OF_HOST.sub(lambda path: place(path[0]), said.replace("\\%", "%"))
    if not rest:
        return here
    given = PERCENT.sub("\n", rest[0]).replace("\\%", "%")
    return f"printf '%s\\n' {shlex.quote(given)} | {{ {here}\n}}"


def _environment(operator: Operator, line: CronLine, settings: Mapping[str, str]) -> dict[str, str]:
    """The variables that the command has; the folder of what stands in for an engine and a store leads the PATH."""
    ours = operator.environment["PATH"].split(":", 1)[0]
    path = SYSTEMD_PATH if line.timer else settings.get("PATH", PATH)
    cron = {} if line.timer else {"SHELL": SHELL, "LOGNAME": "root"}
    return {**cron, **settings, "PATH": f"{ours}:{path}", "LC_ALL": ""}


def _settings(root: Path, line: CronLine) -> dict[str, str]:
    """The variables that the crontab sets above the line."""
    lines = (root / line.file).read_text(encoding="utf-8").splitlines()[: line.line]
    found = (SETTING.match(text) for text in lines)
    return {match["name"]: match["value"].strip("\"'") for match in found if match}
