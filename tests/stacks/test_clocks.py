"""A program with a clock of its own goes by its file, and by that alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plimsoll.segments import given_back
from plimsoll.stacks.clocks import is_here, own_clock, preloading, put_ahead
from plimsoll.wait import wait_until

SHARED = Path("/dev/shm")  # noqa: S108 - where libfaketime shares what it knows
TELLS = "import sys, time\nfor _ in sys.stdin: print(time.time(), time.monotonic(), flush=True)"

pytestmark = pytest.mark.skipif(not is_here(), reason="libfaketime is not installed")


@contextmanager
def running(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that goes by that file, and tells its time for each line that it is sent."""
    variables = {name.removeprefix("app/1."): value for name, value in own_clock("app", file).items()}
    command = [*preloading(variables), sys.executable, "-c", TELLS]
    with subprocess.Popen(
        command, env={**os.environ, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def times(process: subprocess.Popen[str]) -> tuple[float, float]:
    """How far ahead of ours its wall clock is, and its monotonic one."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    wall, monotonic = map(float, process.stdout.readline().split())
    return wall - time.time(), monotonic - time.monotonic()


def test_the_time_is_what_the_file_says(tmp_path: Path) -> None:
    """While the program runs its clock goes ahead and comes back; how long things take is what it was."""
    with running(tmp_path / "clock") as process:
        assert times(process) == pytest.approx((0, 0), abs=0.5)
        put_ahead(tmp_path / "clock", 45)
        wait_until(lambda: times(process)[0] > 1, timeout=5, what="a clock that is ahead")
        assert times(process) == pytest.approx((45, 0), abs=0.5)
        put_ahead(tmp_path / "clock", 0)
        wait_until(lambda: times(process)[0] < 1, timeout=5, what="a clock that is right")


def test_what_it_shared_is_given_back(tmp_path: Path) -> None:
    """One that is killed leaves nothing in memory."""
    with running(tmp_path / "clock") as process:
        times(process)
        left = list(SHARED.glob(f"*faketime_*_{process.pid}"))
        with given_back([process.pid]):
            process.kill()

    assert left
    assert not any(file.exists() for file in left)


def test_who_has_no_such_file_has_the_machines_clock() -> None:
    """Nothing is put before their command."""
    assert preloading({"LOG_LEVEL": "info"}) == ()
