"""When a deployment's crontabs run their commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cronsim import CronSim, CronSimError

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import CronLine, Schedules

YEAR = timedelta(days=366)
MOST_RUNS = 10_000
"""Runs looked at: hourly for a year; a schedule denser than that has shown its gaps by then."""

LINE = re.compile(r"^(?P<schedule>@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(?P<command>.+)$")
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


def survey(deployment: Deployment, root: Path) -> Schedules:
    """Every schedule line of the deployment's crontab artefacts under `root`."""
    files = [path for name, path in deployment.artefacts.items() if name.startswith("crontab")]
    if not files:
        raise OutOfReach("no crontab is among this deployment's artefacts", hint='[artefacts] crontab = "cron/…"')
    now = datetime.now(UTC)
    lines = tuple(line for file in files for line in _lines(root, file, now))
    return Schedules(files=tuple(files), lines=lines, seen_at=now)


def _lines(root: Path, file: str, now: datetime) -> Iterator[CronLine]:
    for number, raw in enumerate((root / file).read_text(encoding="utf-8").splitlines(), start=1):
        match = LINE.match(raw.strip())
        if not match or raw.lstrip().startswith("#"):
            continue
        schedule = match["schedule"]
        try:
            gap, trouble = _worst_gap(NICKNAMES.get(schedule, schedule), now), ""
        except CronSimError as error:
            gap, trouble = None, str(error)
        yield CronLine(
            schedule=schedule, command=match["command"], file=file, line=number, worst_gap=gap, trouble=trouble
        )


def _worst_gap(schedule: str, now: datetime) -> float:
    """The longest time between two runs in the year ahead, in seconds; from now to the end if there is none."""
    moments = [now]
    for moment in CronSim(schedule, now):
        if moment > now + YEAR or len(moments) > MOST_RUNS:
            break
        moments.append(moment)
    if len(moments) < 3:  # noqa: PLR2004 - two runs make one gap
        return YEAR.total_seconds()
    return max((later - earlier).total_seconds() for earlier, later in pairwise(moments[1:]))
