"""What the kernel says of other processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def asked_for(last: str) -> list[int]:
    """The processes whose last argument is that."""
    return [pid for pid, words in _commands() if words.endswith(f"\0{last}\0".encode())]


def at_work_on(path: Path) -> list[int]:
    """The processes with that path in their command."""
    return [pid for pid, words in _commands() if str(path).encode() in words]


def _commands() -> Iterator[tuple[int, bytes]]:
    """Each process with its command, a zero byte after every word."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            yield int(file.parent.name), file.read_bytes()
