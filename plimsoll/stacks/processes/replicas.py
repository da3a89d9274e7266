"""Replicas that one process forked: a single one of them taken away, and brought back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from plimsoll.errors import StackFailed
from plimsoll.stacks.processes.programs import lives
from plimsoll.wait import NotReady, wait_until

BRING_BACK = signal.SIGUSR1
"""What makes the parent fork the missing ones anew (fixtures/app/standin/replicas.py)."""

PARENT = "standin:parent"
"""What the parent is called once it waits for signals (likewise)."""

CHANGE_SECONDS = 5.0
"""How long a process may take to go or to come; both take milliseconds."""


def take_away(parent: int, ports: Sequence[int]) -> None:
    """The children that serve these ports are dead, and their ports refuse clients."""
    for pid in _serving(parent, ports):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(_serving(parent, ports)), timeout=CHANGE_SECONDS, what=f"the end of what serves {ports}")


def signal_all(parent: int, ports: Sequence[int], number: signal.Signals) -> None:
    """The children that serve these ports have been sent that signal."""
    for pid in _serving(parent, ports):
        os.kill(pid, number)


def bring_back(parent: int, ports: Sequence[int]) -> None:
    """Children that serve these ports are there again. Raises StackFailed when they do not come."""
    try:
        # A parent that has only just been started would die of the signal: it is sent to one that waits for it.
        wait_until(
            lambda: _heeds(parent),
            error=lambda _: not lives(parent),
            timeout=CHANGE_SECONDS,
            what=f"the process {parent}, which brings them back,",
        )
        os.kill(parent, BRING_BACK)
        wait_until(
            lambda: len(list(_serving(parent, ports))) == len(ports),
            timeout=CHANGE_SECONDS,
            what=f"the return of what serves {ports}",
        )
    except (NotReady, ProcessLookupError) as error:
        raise StackFailed(
            f"replicas could not be brought back: {error}", hint="the application's log tells more"
        ) from error


def _heeds(parent: int) -> bool:
    """Whether the process keeps signals for later, as a parent of replicas does from when it bears its name on."""
    return _name(parent) == PARENT


def _name(pid: int) -> str:
    """What the process is called; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _serving(parent: int, ports: Sequence[int]) -> Iterator[int]:
    """The children that serve these ports: each bears the name of its port."""
    names = {f"standin:{port}" for port in ports}
    with suppress(OSError):
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
            if _name(int(pid)) in names and lives(int(pid)):
                yield int(pid)
