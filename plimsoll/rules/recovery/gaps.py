"""How long nothing is backed up, by the schedules of what does it: the part of a loss that no drill can wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from plimsoll.observations.artefacts import CronLine, Schedules

SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60, 3600
MINUTES_PER_HOUR = 60
REHEARSAL = "--dry-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The longest time that passes in a year without a run. `lines` run it; none of them, or `trouble`: nobody knows.

    `between` says between which runs that is, in the zone of the schedule.
    """

    seconds: float
    lines: tuple[CronLine, ...]
    between: str = ""
    trouble: str = ""

    def __str__(self) -> str:
        if self.trouble:
            return self.trouble
        return f"{duration(self.seconds)} without a run{f' ({self.between})' if self.between else ''}: {self.lines[0]}"


def worst_gap_of(schedules: Schedules, *scripts: str) -> Gap:
    """The longest time in the year ahead in which no schedule begins any of the scripts (paths, names or commands).

    A script counts where it is run under its path; what only rehearses (--dry-run) does not count. Runs of all its
    schedules count together; a randomized delay of a timer makes its gap longer. Never raises.
    """
    lines = lines_of(schedules, *scripts)
    named = ", ".join(name_of(script) for script in scripts)
    if not lines:
        return Gap(seconds=0.0, lines=(), trouble=f"nothing runs {named} by itself")
    known = [line for line in lines if line.worst_gap is not None]
    if not known:
        return Gap(seconds=0.0, lines=lines, trouble=f"{lines[0]}: cannot be read: {lines[0].trouble or 'no times'}")
    best = min(known, key=lambda line: line.worst_gap or 0.0)
    alone = Gap(seconds=best.worst_gap or 0.0, lines=tuple(known), between=_between(best))
    together = _together([line for line in known if line.runs])
    return min((alone, *together), key=lambda gap: gap.seconds)


def lines_of(schedules: Schedules, *scripts: str) -> tuple[CronLine, ...]:
    """The lines of crontabs and timers that run one of the scripts, and do not just rehearse it."""
    return tuple(line for line in schedules.lines if REHEARSAL not in line.command and _runs(line, scripts))


def name_of(script: str) -> str:
    """The name of a script, of its path or of a command that begins with it."""
    first = next(iter(script.split()), "")
    return first.rpartition("/")[2]


def duration(seconds: float) -> str:
    """So many seconds as a person says them: `36 s`, `5 min`, `25 h`, `1 h 30 min`."""
    if seconds < SECONDS_PER_MINUTE:
        return f"{seconds:.3g} s"
    hours, minutes = divmod(round(seconds / SECONDS_PER_MINUTE), MINUTES_PER_HOUR)
    return " ".join(word for word in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if word)


def _runs(line: CronLine, scripts: Iterable[str]) -> bool:
    words = line.command.split()
    wanted = {name_of(script) for script in scripts}
    return any(word.strip("'\"();&").rpartition("/")[2] in wanted for word in words)


def _between(line: CronLine) -> str:
    gaps = [(later - earlier, number) for number, (earlier, later) in enumerate(pairwise(line.runs))]
    if not gaps:
        return ""
    number = max(gaps, key=lambda gap: (gap[0], -gap[1]))[1]
    earlier, later = line.local[number : number + 2]
    return f"from {earlier:%A %Y-%m-%d %H:%M} to {later:%A %Y-%m-%d %H:%M}{f' {line.zone}' if line.zone else ''}"


def _together(lines: list[CronLine]) -> Iterator[Gap]:
    """The worst gap of several lines, as far as the runs of all of them are known."""
    if len(lines) < 2:  # noqa: PLR2004 - one line has nobody to fill its gaps
        return
    # Of a dense schedule only the first runs are known, and of a short time nothing follows for a year.
    known = min(line.runs[-1] for line in lines)
    first = max(line.runs[0] for line in lines)
    moments = sorted({(run, line.late) for line in lines for run in line.runs if first <= run <= known})
    gaps = [
        # The one at its time, the other as late as it may be.
        ((other - one).total_seconds() + late, number)
        for number, ((one, _), (other, late)) in enumerate(pairwise(moments))
    ]
    if gaps:
        seconds, number = max(gaps, key=lambda gap: (gap[0], -gap[1]))
        (earlier, _), (later, _) = moments[number : number + 2]
        yield Gap(
            seconds=seconds,
            lines=tuple(lines),
            between=f"from {earlier:%A %Y-%m-%d %H:%M} to {later:%A %Y-%m-%d %H:%M} UTC",
        )
