"""What a command changes at a host: the files that are there before and after, and the most there were meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plimsoll.drills.host.operator import Done, Operator
from plimsoll.wait import NotReady, wait_until

SECONDS = 600.0
"""Until a backup of a drill is given up; the operator kills it then."""

HIDDEN = (".aws", ".cache")
"""What clients keep for themselves in a home."""

Tree = Mapping[Path, tuple[int, int]]
"""By path, size and time of change; folders have size -1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one command did to the host's files. `raw` is what it said, secrets included: it goes into no report."""

    done: Done
    raw: str
    new: tuple[Path, ...]
    peak_bytes: int
    told: tuple[str, ...]


def home_of(operator: Operator) -> Path:
    """The folder that holds all of the host: its root, a home, and a place for temporary files."""
    return operator.place("/").parent


def tree(operator: Operator) -> Tree:
    """All files and folders of the host but its programs and what the harness keeps of it."""
    return {path: stat for part in ("root", "home", "tmp") for path, stat in _entries(home_of(operator) / part)}


def _entries(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in HIDDEN:
                continue
            path = Path(entry.path)
            try:
                stat = entry.stat(follow_symlinks=False)
                is_folder = entry.is_dir(follow_symlinks=False)
            except FileNotFoundError:  # it was temporary
                continue
            yield path, (-1 if is_folder else stat.st_size, stat.st_mtime_ns)
            if is_folder:
                try:
                    yield from _entries(path)
                except FileNotFoundError:  # likewise
                    continue


def traced(operator: Operator, command: str, *, more: Mapping[str, str] | None = None) -> Trace:
    """The command run to its end, and what came of it."""
    before = tree(operator)
    letters = len(operator.post.letters) if operator.post else 0
    peak = 0
    running = operator.begins(command, more=more)

    def over() -> bool:
        nonlocal peak
        if not running.lives:
            return True
        peak = max(peak, _grown(before, tree(operator)))
        return False

    try:
        wait_until(over, timeout=SECONDS, what=command)
        seconds = 1.0
    except NotReady:
        seconds = 0.1
    raw = running.said
    done = operator.finished(running, seconds=seconds)
    after = tree(operator)
    return Trace(
        done=done,
        raw=raw,
        new=tuple(sorted(path for path in after if path not in before)),
        peak_bytes=max(peak, _grown(before, after)),
        told=operator.post.since(letters) if operator.post else (),
    )


def _grown(before: Tree, now: Tree) -> int:
    """The bytes in files that were not there before."""
    return sum(size for path, (size, _) in now.items() if path not in before and size > 0)
