"""What schedules run, and where what that says is kept."""

from __future__ import annotations

import re

from plimsoll.observations.artefacts import CronLine, Schedules

REDIRECTED = re.compile(r"(?<![\d&])>>?\s*(?P<file>/[^\s;&|]+)")
JOURNAL = "the journal"
"""Where systemd keeps what a service says (systemd.exec(5), StandardOutput)."""


def log_of(line: CronLine) -> str:
    """The file that what a scheduled command says goes into; "" where nothing keeps it."""
    found = REDIRECTED.search(line.command)
    return found["file"] if found else JOURNAL if line.timer else ""


def lines_of(plans: Schedules, command: str) -> tuple[CronLine, ...]:
    """The lines that run the script of a command."""
    script = command.split(maxsplit=1)[0].rpartition("/")[2]
    return tuple(line for line in plans.lines if any(w.rpartition("/")[2] == script for w in line.command.split()))
