"""Shared memory, which outlives whoever made it: PostgreSQL holds a little, and leaves it when it is killed.

The kernel has 4096 pieces for all of a machine (SHMMNI, shmget(2)); without a free one no PostgreSQL starts any more.
What libfaketime shares are two files for each process, which it removes only when that one ends in good order.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterable, Iterator
from pathlib import Path

TABLE = Path("/proc/sysvipc/shm")
"""A line for each piece: its key, its id, its mode, its size, the process that made it, … (proc(5))."""

ID, MAKER = 1, 4
CLOCKS = ("/dev/shm/faketime_shm_{}", "/dev/shm/sem.faketime_sem_{}")  # noqa: S108 - where shm_open(3) has them
REMOVE = 0
"""IPC_RMID of shmctl(2): the piece is gone when the last process that has it is."""


@contextlib.contextmanager
def given_back(pids: Iterable[int]) -> Iterator[None]:
    """What these processes, alive when this is entered, hold of it is nobody's afterwards: inside they are killed."""
    pids = set(pids)
    held = [*_made_by(pids)]
    yield
    for file in (Path(name.format(pid)) for name in CLOCKS for pid in pids):
        with contextlib.suppress(OSError):
            file.unlink()
    library = ctypes.CDLL(None, use_errno=True)
    for number in held:
        library.shmctl(number, REMOVE, None)  # where it is gone already there is nothing to do


def _made_by(pids: set[int]) -> Iterator[int]:
    """The ids of the pieces that these processes made; none where the kernel has no such memory."""
    with contextlib.suppress(OSError):
        for line in TABLE.read_text("ascii").splitlines()[1:]:
            words = line.split()
            if int(words[MAKER]) in pids:
                yield int(words[ID])
