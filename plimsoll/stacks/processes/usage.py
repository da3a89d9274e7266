"""What plain processes use, by the kernel's account of each (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from plimsoll.stacks.containers.blueprints import Frame
from plimsoll.stacks.metered import Usage

OWN_USER, OWN_SYSTEM, LATE_USER, LATE_SYSTEM = 11, 12, 13, 14
"""Places of ticks in stat after the name: its own, and those of its children that have ended and were waited for."""

TICKS = os.sysconf("SC_CLK_TCK")
SHARE = "Pss:"
"""Of smaps_rollup: what is in memory, pages that others have as well in parts, so that sums are right."""

KIBIBYTE = 1024


def usage_of(pids: Iterable[int], frame: Frame | None, *, replicas: int) -> Usage | None:
    """What these processes use together, with the limits of the compose file; None where none of them runs."""
    ticks, memory, alive = 0, 0, False
    for pid in pids:
        try:
            said = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue  # it has ended meanwhile, or is somebody else's
        alive = True
        ticks += sum(int(said[place]) for place in (OWN_USER, OWN_SYSTEM, LATE_USER, LATE_SYSTEM))
        memory += KIBIBYTE * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(SHARE))
    if not alive:
        return None
    cpus, most = (frame.cpus * replicas, frame.memory * replicas) if frame else (0.0, 0)
    return Usage(cpu=ticks / TICKS, memory=memory, cpus=cpus, most=most)
