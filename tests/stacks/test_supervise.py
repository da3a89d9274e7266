"""The first process of a container, without one: in process numbers of its own, where it has the number 1."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from plimsoll.stacks.containers.orders import ENDED, RESTING, RUNNING
from plimsoll.stacks.containers.recipes import SUPERVISE
from plimsoll.wait import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may have process numbers of its own")

SECONDS = 10.0
TAKE_DOWN, HALT, BRING_BACK = signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR2


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervisor, and the file in which it says what became of its program."""

    process: subprocess.Popen[bytes]
    state: Path

    def says(self, state: str) -> None:
        """It says so in time."""
        wait_until(lambda: self.state.exists() and self.state.read_text() == f"{state}\n", timeout=SECONDS, what=state)

    def told(self, number: signal.Signals, *, says: str) -> None:
        """It is sent that signal, and says so, anew."""
        self.state.unlink()
        os.kill(_only(self.process.pid), number)
        self.says(says)

    @property
    def living(self) -> list[str]:
        """The programs under it."""
        children = _children(_only(self.process.pid))
        return [Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ").strip() for child in children]


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _only(pid: int) -> int:
    """The one child of that process."""
    (child,) = _children(pid)
    return child


@contextmanager
def _supervised(folder: Path, script: str) -> Iterator[Supervised]:
    state = folder / "state"
    as_ever = ("env", "--default-signal")  # a signal ignored from the beginning, as under nohup, cannot be trapped
    own_numbers = (*as_ever, "unshare", "--pid", "--fork", "--kill-child")
    process = subprocess.Popen(
        [*own_numbers, "sh", str(SUPERVISE), "up", "sh", "-c", script],
        env={"PATH": os.environ["PATH"], "STATE_FILE": str(state)},
    )
    try:
        yield Supervised(process, state)
    finally:
        process.kill()
        process.wait(SECONDS)


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[Supervised]:
    """One whose program goes on until it is told to end, and leaves another behind."""
    with _supervised(tmp_path, "sleep 1000 & trap exit TERM; while :; do sleep 0.05; done") as one:
        one.says(RUNNING)
        wait_until(lambda: bool(_children(_only(_only(one.process.pid)))), timeout=SECONDS, what="another")
        yield one


@pytest.mark.parametrize("number", [TAKE_DOWN, HALT])
def test_nothing_is_left_of_a_program_that_rests(lasting: Supervised, number: signal.Signals) -> None:
    """Also what it left behind is gone; it can be brought back, and be told twice."""
    lasting.told(number, says=RESTING)
    wait_until(lambda: lasting.living == ["sleep infinity"], timeout=SECONDS, what="nothing but rest")
    lasting.told(number, says=RESTING)
    lasting.told(BRING_BACK, says=RUNNING)
    lasting.told(number, says=RESTING)


def test_who_ends_by_itself_ends_the_container(tmp_path: Path) -> None:
    """With the program's own exit code, and its state says so."""
    with _supervised(tmp_path, "exit 3") as one:
        one.says(ENDED)
        assert one.process.wait(SECONDS) == 3
