"""When commands run by themselves: crontabs and systemd timers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """One line of a crontab, or one timer with the command of its service.

    `worst_gap` is the longest time between two runs in the year ahead, in seconds, `runs` are the runs of that year
    in UTC (the first of them, where there are very many); one may begin `late` seconds after its time. `zone` is the
    time zone that the schedule names, "" for the machine's, which is UTC. `user` is the field that only the system's
    own crontabs have. `timer` is whether systemd runs it; `trouble` is why the schedule cannot be read. `fragment` is a
    line of a guide.
    """

    schedule: str
    command: str
    file: str
    line: int
    worst_gap: float | None
    trouble: str = ""
    user: str | None = None
    runs: tuple[datetime, ...] = ()
    timer: bool = False
    fragment: bool = False
    zone: str = ""
    late: float = 0.0

    @property
    def local(self) -> tuple[datetime, ...]:
        """The runs as the clock on the wall shows them, in the zone of the schedule."""
        return tuple(run.astimezone(ZoneInfo(self.zone)) for run in self.runs) if self.zone else self.runs

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return Spot(self.file, self.line)

    def __str__(self) -> str:
        return f"{self.spot}: {self.schedule} {self.command}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules(Artefacts):
    """What crontabs and timers say."""

    lines: tuple[CronLine, ...]
