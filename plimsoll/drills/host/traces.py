"""What a command changes at a host: the files that are there before and after, and the most there were meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plimsoll.drills.host.operator import Done, Operator
from plimsoll.wait import NotReady, wait_until

SECONDS = 600.0
"""Until a backup of a drill is given up; the operator kills it then."""

HIDDEN = (".aws", ".cache")
"""What clients keep for themselves in a home."""

Sizes = Mapping[str, int]
"""By path, the bytes of every file; folders have -1."""


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


def sizes(operator: Operator) -> Sizes:
    """All files and folders of the host but its programs and what the harness keeps of it."""
    return dict(entry for part in ("root", "home", "tmp") for entry in _entries(home_of(operator) / part))


def _entries(folder: Path | str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in HIDDEN:
                    continue
                is_folder = entry.is_dir(follow_symlinks=False)
                with suppress(FileNotFoundError):  # it was temporary
                    yield entry.path, -1 if is_folder else entry.stat(follow_symlinks=False).st_size
                if is_folder:
                    yield from _entries(entry.path)
    except FileNotFoundError:  # likewise
        return


def traced(operator: Operator, command: str, *, more: Mapping[str, str] | None = None) -> Trace:
    """The command run to its end, and what came of it."""
    before = sizes(operator)
    letters = len(operator.post.letters) if operator.post else 0
    peak = 0
    running = operator.begins(command, more=more)

    def over() -> bool:
        nonlocal peak
        if not running.lives:
            return True
        peak = max(peak, _grown(before, sizes(operator)))
        return False

    try:
        wait_until(over, timeout=SECONDS, what=command)
        seconds = 1.0
    except NotReady:
        seconds = 0.1
    raw = running.said
    done = operator.finished(running, seconds=seconds)
    after = sizes(operator)
    return Trace(
        done=done,
        raw=raw,
        new=tuple(sorted(Path(path) for path in after if path not in before)),
        peak_bytes=max(peak, _grown(before, after)),
        told=operator.post.since(letters) if operator.post else (),
    )


def _grown(before: Sizes, now: Sizes) -> int:
    """The bytes in files that were not there before."""
    return sum(size for path, size in now.items() if path not in before and size > 0)
