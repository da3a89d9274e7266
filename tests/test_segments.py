"""Shared memory of processes that are killed is given back, and nobody else's."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.runs import Run, new_run_id, remove
from plimsoll.segments import given_back
from plimsoll.stacks.processes.stack import ProcessesStack

TABLE = Path("/proc/sysvipc/shm")
FILES = Path("/dev/shm")  # noqa: S108 - where shm_open(3) makes what it shares
MAKES = """
import ctypes, sys
library = ctypes.CDLL(None)
library.shmat.restype = ctypes.c_void_p
number = library.shmget(0, 56, 0o600 | 0o1000)  # IPC_PRIVATE, IPC_CREAT
library.shmat(number, None, 0)
print(number, flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(not TABLE.exists(), reason="the kernel has no System V shared memory")
Holder = tuple[subprocess.Popen[str], int]


def pieces() -> dict[int, int]:
    """The ids of all pieces there are, with the process that made each."""
    lines = (line.split() for line in TABLE.read_text("ascii").splitlines()[1:])
    return {int(words[1]): int(words[4]) for words in lines}


@pytest.fixture
def holder() -> Iterator[Callable[[Path], Holder]]:
    """Processes in a folder that hold a piece each. What the test leaves is removed."""
    held: list[Holder] = []

    def made(folder: Path) -> Holder:
        process = subprocess.Popen(
            [sys.executable, "-c", MAKES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
        )
        assert process.stdout is not None
        held.append((process, int(process.stdout.readline())))
        return held[-1]

    yield made
    with given_back([process.pid for process, _ in held]):
        for process, _ in held:
            process.kill()
            process.communicate()


def test_what_a_killed_process_held_is_gone(holder: Callable[[Path], Holder], tmp_path: Path) -> None:
    """The piece of the one that was killed is gone, that of another is there as before."""
    (process, mine), (_, other) = holder(tmp_path), holder(tmp_path)

    with given_back([process.pid]):
        process.kill()
        process.wait()

    assert {mine, other} & pieces().keys() == {other}


def test_a_run_leaves_none(holder: Callable[[Path], Holder]) -> None:
    """A run that is removed, as the reaper does it, leaves no piece of its services."""
    with Run(new_run_id()) as run:
        process, mine = holder(run.folder)
        process.send_signal(signal.SIGCONT)
        remove(run.folder)
        process.wait()

    assert mine not in pieces()


def test_a_stack_leaves_none() -> None:
    """PostgreSQL of a stack holds a piece while it runs; once it is killed, or the stack is left, none is there.

    Nor is one of the other kind of shared memory, which is files outside the run's folder.
    """
    before = set(FILES.glob("PostgreSQL.*"))
    with Run(new_run_id()) as run, ProcessesStack(read_deployment(find("nestmap")), run) as stack:
        first = {number for number, maker in pieces().items() if _runs_in(maker, run.folder)}
        stack.kill("postgres")
        after = pieces().keys() & first
        stack.resume("postgres")
        second = {number for number, maker in pieces().items() if _runs_in(maker, run.folder)}

    assert first
    assert second
    assert after == set()
    assert pieces().keys() & (first | second) == set()
    assert set(FILES.glob("PostgreSQL.*")) <= before


def _runs_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
    except OSError:
        return False
