"""Crontabs and systemd timers: when they run their commands in the year ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from plimsoll.artefacts.calendar import cron_of, seconds_of, zone_of
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.observations.artefacts.schedule import CronLine, Schedules

YEAR = timedelta(days=366)
MOST_RUNS = 10_000
"""Runs looked at: hourly for a year; a schedule denser than that has shown its gaps by then."""

LINE = re.compile(r"^(?P<schedule>@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(?P<command>.+)$")
SETTING = re.compile(r"^(?P<name>\w+)\s*=\s*[\"']?(?P<value>[^\"']*)")
ZONE = "CRON_TZ"
"""What the crontab of cronie says the zone of its times with; Debian's has those of the machine (crontab(5))."""

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""crontab(5)."""

UNKNOWN_CALENDAR = "a calendar that is not understood"

SYSTEM = re.compile(r"(^|/)(cron\.d/[^/]+|etc/crontab)$")
"""The system's own crontabs have a field more: the user (crontab(5))."""


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> Schedules:
    """Every schedule of crontabs and timers."""
    kept = tuple(s for s in sources if s.kind is Kind.CRONTAB or s.name.endswith(".timer") or "[Timer]" in s.text)
    lines = list[CronLine]()
    for source in kept:
        lines += _crontab(source, seen_at) if source.kind is Kind.CRONTAB else _timer(source, sources, seen_at)
    return Schedules(sources=kept, lines=tuple(lines), seen_at=seen_at)


def _crontab(source: SourceFile, now: datetime) -> Iterator[CronLine]:
    zone = ""
    for number, raw in enumerate(source.text.splitlines(), start=1):
        line = raw.strip()
        setting, match = SETTING.match(line), LINE.match(line)
        if setting and setting["name"] == ZONE:
            zone = setting["value"].strip()
        if not match or line.startswith("#") or setting:
            continue
        schedule, command = match["schedule"], match["command"]
        user = None
        if SYSTEM.search(source.name):
            user, _, command = command.partition(" ")
        trouble, runs = "", tuple[datetime, ...]()
        if schedule != "@reboot":
            trouble, runs = _runs(NICKNAMES.get(schedule, schedule), now, zone)
        spot = source.spot(number)
        yield CronLine(
            schedule=schedule,
            command=command.strip(),
            file=spot.file,
            line=spot.line,
            worst_gap=None if trouble else _worst_gap(runs),
            trouble=trouble,
            user=user,
            runs=runs,
            fragment=source.fragment,
            zone="" if trouble else zone,
        )


def _timer(source: SourceFile, sources: tuple[SourceFile, ...], now: datetime) -> Iterator[CronLine]:
    settings = list(_settings(source))
    stem = source.name.rpartition("/")[2].removesuffix(".timer")
    unit = next((value for key, value, _ in settings if key == "Unit"), f"{stem}.service")
    service = next((s for s in sources if s.name.rpartition("/")[2] == unit), None)
    commands = [value for key, value, _ in _settings(service) if key == "ExecStart"] if service else []
    command = commands[0].lstrip("-@:+!") if commands else ""
    late = next((seconds_of(value) for key, value, _ in settings if key == "RandomizedDelaySec"), None) or 0.0
    for key, value, number in settings:
        if key not in ("OnCalendar", "OnUnitActiveSec"):
            continue
        trouble, runs, gap = "", tuple[datetime, ...](), seconds_of(value) if key == "OnUnitActiveSec" else None
        if key == "OnCalendar":
            cron = cron_of(value)
            trouble, runs = _runs(cron, now, zone_of(value), timer=True) if cron else (UNKNOWN_CALENDAR, ())
            gap = None if trouble else _worst_gap(runs) + late
        spot = source.spot(number)
        yield CronLine(
            schedule=value,
            command=command,
            file=spot.file,
            line=spot.line,
            worst_gap=gap,
            trouble=trouble,
            runs=runs,
            timer=True,
            fragment=source.fragment,
            zone="" if trouble else zone_of(value),
            late=late,
        )


def _settings(source: SourceFile | None) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate((source.text if source else "").splitlines(), start=1):
        key, sign, value = line.strip().partition("=")
        if sign and value.strip() and not key.startswith(("#", ";")):
            yield key.strip(), value.strip(), number


def _runs(schedule: str, now: datetime, zone: str, *, timer: bool = False) -> tuple[str, tuple[datetime, ...]]:
    """Why the schedule cannot be read, and its runs in the year ahead, in UTC."""
    return _runs_after(schedule, now.replace(second=0, microsecond=0), zone, timer=timer)


@lru_cache(maxsize=1024)
def _runs_after(schedule: str, minute: datetime, zone: str, *, timer: bool) -> tuple[str, tuple[datetime, ...]]:
    """The same of a whole minute: files are looked at again and again, and a year has many runs.

    When the clock is put forward, cron makes up for what it skips (crontab(5)); systemd does not, so its timers are
    taken as what the clock on the wall shows, and moments that it never shows are left out (systemd.time(7)).
    """
    runs = list[datetime]()
    try:
        there = ZoneInfo(zone or "UTC")
        start = minute.astimezone(there)
        for moment in CronSim(schedule, start.replace(tzinfo=None) if timer else start):
            run = (moment.replace(tzinfo=there) if timer else moment).astimezone(UTC)
            if run > minute + YEAR or len(runs) > MOST_RUNS:
                break
            if not timer or run.astimezone(there).replace(tzinfo=None) == moment:
                runs.append(run)
    except CronSimError as error:
        return str(error) or "not a schedule", ()
    except (ZoneInfoNotFoundError, ValueError):
        return f"no such time zone: {zone}", ()
    return "", tuple(runs)


def _worst_gap(runs: Sequence[datetime]) -> float:
    """The longest time between two runs, in seconds; a year if there are no two."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(runs)]
    return max(gaps, default=YEAR.total_seconds())
