"""The longest time in a year without a run is found, whatever runs the script."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts.observe import observe
from plimsoll.observations.artefacts import Kind, Schedules, SourceFile
from plimsoll.rules.recovery.gaps import duration, worst_gap_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = 3600


def schedules(text: str) -> Schedules:
    """What that crontab schedules."""
    seen = observe(Schedules, [SourceFile(name="crontab", kind=Kind.CRONTAB, text=text)], NOW)
    assert isinstance(seen, Schedules)
    return seen


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("0 2 * * * /opt/a.sh\n", 24),
        ("0 2 * * 1-5 cd /opt && ./a.sh >> log 2>&1\n", 72),
        ("CRON_TZ=Europe/Berlin\n0 2 * * 1-5 /opt/a.sh\n", 73),
        ("0 2 * * * /opt/a.sh\n0 14 * * 1-5 /opt/b.sh\n", 24),
        ("0 2 * * 1-5 /opt/a.sh\n0 2 * * 6,7 /opt/b.sh\n", 24),
        ("0 2 * * * /opt/a.sh\n*/5 * * * * /opt/b.sh --dry-run\n", 24),
        ("0 22 * * * /opt/a.sh\n*/5 6-20 * * * /opt/b.sh\n", 8),
        ("0 2 * * * /opt/a.sh\n*/5 * * * * /opt/ba.sh\n", 24),
    ],
)
def test_the_worst_gap(text: str, hours: float) -> None:
    """Runs of both scripts count together; another script, or a rehearsal, does not count."""
    gap = worst_gap_of(schedules(text), "/opt/a.sh {backup}", "b.sh")

    assert not gap.trouble
    assert gap.seconds == pytest.approx(hours * HOUR)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("0 2 * * * /opt/other.sh\n", "nothing runs a.sh by itself"),
        ("0 25 * * * /opt/a.sh\n", "Bad hour"),
        ("CRON_TZ=Nowhere/City\n0 2 * * * /opt/a.sh\n", "no such time zone: Nowhere/City"),
    ],
)
def test_no_gap_is_known(text: str, trouble: str) -> None:
    """What runs never, or at times that nobody can read, has no gap to speak of: it says why."""
    assert trouble in str(worst_gap_of(schedules(text), "a.sh"))


def test_it_says_when() -> None:
    """A person is told which weekend it is."""
    gap = worst_gap_of(schedules("CRON_TZ=America/New_York\n0 2 * * 1-5 /opt/a.sh\n"), "a.sh")

    assert gap.between == "from Friday 2026-10-30 02:00 to Monday 2026-11-02 02:00 America/New_York"


def test_durations() -> None:
    """Durations read as a person says them."""
    assert [duration(s) for s in (0.25, 300, 25 * HOUR, 1.5 * HOUR)] == ["0.25 s", "5 min", "25 h", "1 h 30 min"]
