"""Crontabs and timers are read as cron and systemd read them."""

from __future__ import annotations

from datetime import UTC, datetime

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


def test_a_timer_and_its_service() -> None:
    """A timer runs what the service of its name runs."""
    (line,) = lines(b_timer="[Timer]\nOnCalendar=02:00\n", b_service="[Service]\nExecStart=-/opt/b.sh now\n")

    assert (line.command, line.worst_gap, line.timer, line.line) == ("/opt/b.sh now", DAY, True, 2)


def test_settings_and_comments_are_no_schedules() -> None:
    """A crontab also holds variables and comments."""
    assert lines(crontab="# 0 2 * * * a\nPATH=/usr/bin:/bin\nMAILTO = ops@example.com and others too\n\n") == ()
