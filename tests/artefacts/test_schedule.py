"""Crontabs and timers are read as cron and systemd read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.artefacts.calendar import cron_of, seconds_of
from plimsoll.artefacts.observe import observe
from plimsoll.observations.artefacts import CronLine, Kind, Schedules, SourceFile

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 86_400


def lines(**files: str) -> tuple[CronLine, ...]:
    """What these files schedule: `x_timer` and `x_service` are units, all others are crontabs."""
    sources = [
        SourceFile(
            name=name.replace("_", "."),
            kind=Kind.SYSTEMD if name.endswith(("_timer", "_service")) else Kind.CRONTAB,
            text=text,
        )
        for name, text in files.items()
    ]
    seen = observe(Schedules, sources, NOW)
    assert isinstance(seen, Schedules)
    return seen.lines


@pytest.mark.parametrize(
    ("event", "cron"),
    [
        ("daily", "0 0 * * *"),
        ("weekly", "0 0 * * 1"),
        ("*-*-* 02:00:00", "0 2 * * *"),
        ("02:30", "30 2 * * *"),
        ("Mon..Fri *-*-* 09..17:00", "0 9-17 * * 1-5"),
        ("Sat,Sun 04:00", "0 4 * * 6,0"),
        ("Fri..Sun 04:00 UTC", "0 4 * * 5-7"),
        ("*:0/5", "*/5 * * * *"),
        ("*-*-01 05:00:00", "0 5 1 * *"),
        ("2026-05-01", ""),
        ("every night", ""),
        ("", ""),
    ],
)
def test_calendar_events(event: str, cron: str) -> None:
    """Calendar events are the same schedule in cron's words; what those cannot say is not guessed."""
    assert cron_of(event) == cron


def test_time_spans() -> None:
    """Time spans in seconds."""
    assert [seconds_of(span) for span in ("5min", "1h 30min", "90", "2 days", "soon")] == [300, 5400, 90, 2 * DAY, None]


def test_worst_gaps() -> None:
    """The longest time without a run in the year ahead."""
    seen = lines(crontab="0 2 * * *  a\n0 2 * * 1-5  b\n@weekly c\n*/5 * * * * d\n@reboot e\n")

    assert [line.worst_gap for line in seen][:4] == [DAY, 3 * DAY, 7 * DAY, 300]


@pytest.mark.parametrize(
    ("zone", "schedule", "hours"),
    [
        ("Europe/Berlin", "30 2 * * *", 25),
        ("America/New_York", "30 2 * * *", 25),
        ("Europe/Berlin", "0 9-17 * * 1-5", 65),
        ("America/New_York", "0 */6 * * *", 7),
        ("Etc/UTC", "30 2 * * *", 24),
    ],
)
def test_a_day_of_25_hours(zone: str, schedule: str, hours: int) -> None:
    """In the zone that a crontab names one day of the year has 25 hours, and none is left out."""
    (line,) = lines(crontab=f"CRON_TZ = {zone}\n{schedule} a\n")

    assert (line.worst_gap, line.zone, line.runs[0].utcoffset()) == (hours * 3600, zone, timedelta(0))


def test_a_timer_skips_what_the_clock_skips() -> None:
    """A timer does not make up for 02:30 on the day when the clock is put forward (systemd-analyze calendar)."""
    skipped, other = lines(
        a_timer="[Timer]\nOnCalendar=*-*-* 02:30:00 Europe/Berlin\n",
        b_timer="[Timer]\nOnCalendar=*-*-* 04:30:00 Europe/Berlin\nRandomizedDelaySec=10min\n",
    )

    assert (skipped.worst_gap, other.worst_gap, other.late) == (47 * 3600, 25 * 3600 + 600, 600)
    assert (skipped.local[0].hour, skipped.runs[0].hour) == (2, 1)


def test_a_zone_that_does_not_exist() -> None:
    """A misspelt zone is no schedule: which time was meant nobody knows."""
    (line,) = lines(crontab="CRON_TZ=Europe/Berln\n0 2 * * * a\n")

    assert (line.worst_gap, line.trouble) == (None, "no such time zone: Europe/Berln")


def test_a_timer_and_its_service() -> None:
    """A timer runs what the service of its name runs."""
    (line,) = lines(b_timer="[Timer]\nOnCalendar=02:00\n", b_service="[Service]\nExecStart=-/opt/b.sh now\n")

    assert (line.command, line.worst_gap, line.timer, line.line) == ("/opt/b.sh now", DAY, True, 2)


def test_settings_and_comments_are_no_schedules() -> None:
    """A crontab also holds variables and comments."""
    assert lines(crontab="# 0 2 * * * a\nPATH=/usr/bin:/bin\nMAILTO = ops@example.com and others too\n\n") == ()
