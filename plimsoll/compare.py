"""Two stored runs of load compared, for a terminal: a sentence for each figure, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from plimsoll.errors import BadInput
from plimsoll.observations.load import LoadRun
from plimsoll.observations.load.stored import read_run
from plimsoll.rules.slo.comparison import BETTER, MARGIN, UNKNOWN, WORSE, Compared, compared, differ, void

FOLDER = "load"
NO_WORSE, IS_WORSE, COULD_NOT_TELL = 0, 1, 2

HINT = "name a load.json, or the folder of a report that has one in load/"


def compare(first: Path, second: Path, *, margin: float = MARGIN) -> tuple[int, list[str]]:
    """The exit code and the lines. Raises BadInput for runs that cannot be compared."""
    one, two = read(first), read(second)
    for path, run in ((first, one), (second, two)):
        if why := void(run):
            raise BadInput(f"void: {why}", file=str(path), hint="a void run says nothing of the service: run it again")
    if why := differ(one, two):
        raise BadInput(f"not the same load: {why}", hint="compare runs of one workload, before and after a change")
    found = compared(one, two, margin=margin)
    return _code(found), [*_heads(one, two), *(f"  {each.says}" for each in found), _conclusion(found)]


def read(path: Path) -> LoadRun:
    """The run of a file, or of a report's folder. Raises BadInput."""
    if not path.is_dir():
        return read_run(path)
    files = sorted((path / FOLDER).glob("*.json")) or sorted(path.glob("load.json"))
    if len(files) != 1:
        names = ", ".join(file.name for file in files)
        there = f"has {len(files)} runs of load: {names}" if files else "has no run of load"
        raise BadInput(there, file=str(path), hint=HINT)
    return read_run(files[0])


def _heads(*runs: LoadRun) -> Iterator[str]:
    for name, run in zip("AB", runs, strict=True):
        seconds = sum(window.judged for window in run.windows)
        yield f"{name}: {run.target}, {run.seen_at:%Y-%m-%d %H:%M} UTC, {run.amount:,} requests in {seconds} s"


def _conclusion(found: Sequence[Compared]) -> str:
    worse = [each.what for each in found if each.change == WORSE]
    better = [each.what for each in found if each.change == BETTER]
    unknown = [each.what for each in found if each.change == UNKNOWN and not each.minor]
    if worse:
        return f"B is worse: {', '.join(worse)}"
    if unknown:
        return f"could not tell: {', '.join(unknown)}; longer runs would"
    return f"B is no worse, and better: {', '.join(better)}" if better else "B is no worse, as far as these runs show"


def _code(found: Sequence[Compared]) -> int:
    if any(each.change == WORSE for each in found):
        return IS_WORSE
    return COULD_NOT_TELL if any(each.change == UNKNOWN and not each.minor for each in found) else NO_WORSE
