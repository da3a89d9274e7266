"""When things run by themselves: crontabs and timers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import CronLine, Schedules

__all__ = [
    "heavy_jobs_apart",
    "scheduled",
    "scheduled_at",
    "scheduled_failures_heard",
    "scheduled_paths_absolute",
    "schedules_come_due",
]

MINUTES_PER_HOUR = 60
SECONDS_PER_HOUR = 3600
SECONDS_PER_YEAR = 365 * 24 * SECONDS_PER_HOUR
REHEARSAL = "--dry-run"
HEAVY = re.compile(r"backup|dump|vacuum|reindex|\btar\b|rsync|verify|restore|nmap|\bupgrade\b", re.IGNORECASE)
BACKUP = re.compile(r"backup|dump|restore|verify", re.IGNORECASE)
BUILTIN = re.compile(r"^(\w+=\S*\s+)*(?P<word>\S+)")
PLACEHOLDER = re.compile(r"^/?(path/to|your[-_]|<)")
ORDINARY = frozenset(
    {"apt-get", "apt", "find", "nmap", "docker", "certbot", "systemctl", "curl", "test", "[", "bash", "sh", "flock"}
    | {"timeout", "nice", "ionice", "env", "logrotate", "pg_dump", "psql", "redis-cli", "aws", "tar", "cd", "sudo"}
)
"""Programs of packages: where cron's PATH has them, an absolute path says no more."""


def scheduled(
    promise: Promise,
    schedules: Schedules,
    *,
    command: str,
    at_least_every_hours: int = 0,
    at_least_every_minutes: int = 0,
) -> Finding:
    """A crontab line runs the command, not just a rehearsal of it, and in the year ahead never leaves a longer gap."""
    most = at_least_every_hours * SECONDS_PER_HOUR + at_least_every_minutes * MINUTES_PER_HOUR
    often = f"{at_least_every_hours} h" if at_least_every_hours else f"{at_least_every_minutes} min"
    expected = f"{command} at least every {often}"
    lines = [line for line in schedules.lines if command in line.command and REHEARSAL not in line.command]
    if not lines:
        return promise.broken(
            expected=expected,
            actual="no such line",
            message=f"no crontab runs {command!r}",
            hint="a line in a guide renews nothing: install it",
            evidence=[f"{line.file}:{line.line}: {line.schedule} {line.command}" for line in schedules.lines],
        )
    evidence = [f"{line.file}:{line.line}: {line.schedule} {line.command}" for line in lines]
    gaps = [line.worst_gap for line in lines if line.worst_gap is not None]
    if not gaps:
        return promise.broken(
            expected=expected,
            actual=lines[0].schedule,
            message=f"{lines[0].file}:{lines[0].line}: the schedule cannot be read: {lines[0].trouble}",
            hint="five fields: minute hour day month weekday",
            evidence=evidence,
        )
    actual = f"worst gap {min(gaps) / SECONDS_PER_HOUR:g} h"
    if min(gaps) > most:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{command!r} runs too seldom: {actual} ({evidence[0]})",
            hint="a missed renewal must leave time for another try",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def scheduled_at(
    promise: Promise,
    schedules: Schedules,
    *,
    command: str,
    hours: tuple[int, ...],
    minute: int = 0,
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7),
) -> Finding:
    """A crontab or timer runs the command at these hours of these weekdays (1 is Monday), all year."""
    lines = [line for line in schedules.lines if command in line.command]
    expected = f"{command} at {', '.join(f'{hour:02}:{minute:02}' for hour in hours)} on {len(weekdays)} days a week"
    runs = {(run.date(), run.hour, run.minute) for line in lines for run in line.local}
    moments = sorted(run for line in schedules.lines for run in line.runs)
    between = (moments[-1] - moments[0]).days if moments else 0
    first = moments[0].date() if moments else None
    days = [first.fromordinal(first.toordinal() + number) for number in range(1, between)] if first else []
    missed = [
        (day, hour) for day in days if day.isoweekday() in weekdays for hour in hours if (day, hour, minute) not in runs
    ]
    if not lines:
        return promise.broken(
            expected=expected,
            actual="no such line",
            message=f"no crontab or timer runs {command!r}",
            hint="a line in a guide backs up nothing: install it",
            evidence=[str(line) for line in schedules.lines],
        )
    holes = []
    # Once a year the clock of a zone skips an hour, and cron makes up for it in the next.
    if len(missed) > any(line.zone for line in lines):
        day, hour = missed[0]
        holes.append(
            Hole(
                spot=lines[0].spot,
                what=f"{lines[0].schedule!r} does not run {command} on {day:%A} at {hour:02}:{minute:02}",
                fix=f"{minute} {','.join(map(str, hours))} * * {'*' if len(weekdays) > 6 else ','.join(map(str, weekdays))}",  # noqa: PLR2004, E501 - all seven days of a week
            )
        )
    return promise.judged(holes, looked=lines, expected=expected)


def schedules_come_due(promise: Promise, schedules: Schedules) -> Finding:
    """Every line of a crontab or timer can be read as it is meant, and runs within a year."""
    return promise.judged(
        [hole for line in schedules.lines for hole in _unread(line)],
        looked=schedules.lines,
        expected="schedules that come due",
        nothing="no crontab has a line",
    )


def _unread(line: CronLine) -> Iterator[Hole]:
    if line.trouble:
        yield Hole(
            spot=line.spot,
            what=f"the schedule {line.schedule!r} cannot be read: {line.trouble}",
            fix="minute hour day-of-month month day-of-week; OnCalendar=*-*-* 02:00:00",
        )
    elif (
        not line.runs
        and line.worst_gap is not None
        and line.worst_gap >= SECONDS_PER_YEAR
        and line.schedule != "@reboot"
    ):
        yield Hole(spot=line.spot, what=f"{line.schedule!r} comes due on no day of the year", fix="a day that exists")
    if not line.timer and re.search(r"(?<!\\)%", line.command):
        yield Hole(
            spot=line.spot,
            what="cron ends the command at the first % and hands it the rest as input (crontab(5))",
            fix="\\% for every %, or a script",
        )
    if line.timer and not line.command and not line.fragment:
        yield Hole(
            spot=line.spot, what="the timer starts a service that is not there", fix="a .service with ExecStart="
        )
    if line.user is not None and re.match(r"[/.]|\w+=", line.user):
        yield Hole(
            spot=line.spot,
            what=f"the system's crontabs name a user before the command; {line.user!r} is none",
            fix="minute hour day month weekday root command",
        )


def scheduled_paths_absolute(promise: Promise, schedules: Schedules) -> Finding:
    """What cron runs is found from the folder and with the PATH that cron has."""
    holes = []
    for line in schedules.lines:
        word = BUILTIN.match(line.command)
        program = word["word"] if word else ""
        if PLACEHOLDER.match(program):
            what = f"{program!r} is a placeholder, and cron tells nobody that there is no such file"
            holes.append(Hole(spot=line.spot, what=what, fix="the path under which the script is installed"))
        elif program and not program.startswith(("/", "$", "~")) and program not in ORDINARY:
            what = f"cron looks for {program!r} in the home of its user and in /usr/bin:/bin"
            holes.append(Hole(spot=line.spot, what=what, fix="the command's absolute path"))
    return promise.judged(
        holes, looked=schedules.lines, expected="absolute paths of what is there", nothing="no crontab has a line"
    )


def scheduled_failures_heard(promise: Promise, schedules: Schedules) -> Finding:
    """What a backup says when it fails is not thrown away by its crontab, and it needs no password to be typed."""
    lines = [line for line in schedules.lines if BACKUP.search(line.command)]
    holes = []
    for line in lines:
        if re.search(r"(&>|>&|>)\s*/dev/null", line.command) and not re.search(
            r"2>\s*(?!&1|/dev/null)\S", line.command
        ):
            fix = ">> /var/log/….log 2>&1, and MAILTO or a webhook for failures"
            holes.append(Hole(spot=line.spot, what="what the backup says of its failure goes to /dev/null", fix=fix))
        elif re.search(r"\|\|\s*(true|:)\s*$|;\s*(true|exit 0)\s*$", line.command):
            holes.append(Hole(spot=line.spot, what="the line succeeds whatever the backup does", fix="no || true"))
        elif re.match(r"(\w+=\S*\s+)*sudo\b", line.command) and "-n" not in line.command.split():
            what = "sudo asks for a password where nobody can type one"
            holes.append(Hole(spot=line.spot, what=what, fix="the crontab of root, or sudo -n with a rule of its own"))
    return promise.judged(
        holes, looked=lines, expected="failures that somebody hears of", nothing="no crontab backs up anything"
    )


def heavy_jobs_apart(promise: Promise, schedules: Schedules) -> Finding:
    """No two jobs that read the whole database, or the whole disk, begin in the same minute."""
    heavy = [line for line in schedules.lines if HEAVY.search(line.command) and line.runs]
    holes = []
    for one, other in combinations(heavy, 2):
        both = set(one.runs) & set(other.runs)
        if both:
            when = min(both)
            holes.append(
                Hole(
                    spot=other.spot,
                    what=f"begins at {when:%H:%M} on {when:%A}, as {_short(one)} does: each slows the other down",
                    fix="minutes apart, so that the first has ended",
                    beside=(one.spot,),
                )
            )
    return promise.judged(
        holes, looked=heavy, expected="heavy jobs at different times", nothing="no crontab runs a heavy job"
    )


def _short(line: CronLine) -> str:
    return line.command.split()[0].rpartition("/")[2]
