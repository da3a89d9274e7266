"""Lines of crontabs are told apart and handed on as cron does it (crontab(5))."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts.observe import observe
from plimsoll.drills.backup.cron import handed
from plimsoll.drills.host.acts import JOURNAL, lines_of, log_of
from plimsoll.observations.artefacts import CronLine, Kind, Schedules, SourceFile

HERE = "/run/host"


def schedules(text: str) -> Schedules:
    """What that crontab schedules."""
    seen = observe(Schedules, [SourceFile(name="crontab", kind=Kind.CRONTAB, text=text)], datetime.now(UTC))
    assert isinstance(seen, Schedules)
    return seen


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("/opt/backup.sh", [1, 2, 4, 5]),
        ("/opt/backup.sh frequent", [3]),
        ("/opt/other.sh", []),
    ],
)
def test_whose_line_it_is(command: str, found: list[int]) -> None:
    """A line runs a command when it says all its words and no more; where its output goes does not matter."""
    plans = schedules(
        "0 2 * * * /opt/backup.sh >> /var/log/a.log 2>&1\n"
        "0 3 * * * nice /opt/backup.sh\n"
        "0 4 * * * /opt/backup.sh frequent\n"
        "0 5 * * * /opt/backup.sh &>> /var/log/a.log\n"
        "0 6 * * * /opt/backup.sh || echo failed\n"
    )

    assert [line.line for line in lines_of(plans, command)] == found


@pytest.mark.parametrize(
    ("command", "log"),
    [
        ("/opt/b.sh >> /var/log/b.log 2>&1", "/var/log/b.log"),
        ("/opt/b.sh >/var/log/b.log", "/var/log/b.log"),
        ("/opt/b.sh 2>> /var/log/errors.log", ""),
        ("/opt/b.sh", ""),
    ],
)
def test_where_its_words_go(command: str, log: str) -> None:
    """What a command says goes where its standard output goes."""
    (line,) = schedules(f"0 2 * * * {command}\n").lines

    assert log_of(line) == log


def test_a_timer_writes_into_the_journal() -> None:
    """What a service says systemd keeps."""
    line = CronLine(schedule="daily", command="/opt/b.sh", file="b.timer", line=2, worst_gap=86_400.0, timer=True)

    assert log_of(line) == JOURNAL


@pytest.mark.parametrize(
    ("command", "shell"),
    [
        ("/opt/b.sh >> /var/log/b.log", "/run/host/opt/b.sh >> /run/host/var/log/b.log"),
        ("cd /opt && ./b.sh > /dev/null", "cd /run/host/opt && ./b.sh > /dev/null"),
        ("/usr/bin/nice /opt/b.sh --to=/backups", "/usr/bin/nice /run/host/opt/b.sh --to=/run/host/backups"),
        ("/opt/b.sh s3://shop/a $HOME/b http://x/y", "/run/host/opt/b.sh s3://shop/a $HOME/b http://x/y"),
        ("/opt/b.sh -d $(date +\\%F)", "/run/host/opt/b.sh -d $(date +%F)"),
        ("/opt/b.sh -d $(date +%F)", "printf '%s\\n' 'F)' | { /run/host/opt/b.sh -d $(date +\n}"),
    ],
)
def test_what_the_shell_gets(command: str, shell: str) -> None:
    """The host's paths lie in its folder; the first % without a backslash ends the command."""
    assert handed(command, lambda path: f"{HERE}{path}") == shell
