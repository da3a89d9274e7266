"""What the kernel says of other processes."""

from __future__ import annotations

from pathlib import Path


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def asked_for(last: str) -> list[int]:
    """The processes whose last argument is that."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if file.read_bytes().endswith(f"\0{last}\0".encode()):
                found.append(int(file.parent.name))
        except OSError:
            continue  # it ended meanwhile
    return found
