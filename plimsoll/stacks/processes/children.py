"""The server processes of one run: started with their logs, watched, ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from plimsoll.stacks.processes.programs import unprivileged

LAST_WORDS = 15
"""Lines of a service's log that a failure shows."""

Environment = Mapping[str, str]


class Children:
    """The processes of a stack by role. Each leads its own session, works in the run's folder and writes one log."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        role: str,
        command: Sequence[str],
        folder: Path,
        *,
        environment: Environment | None = None,
        as_us: bool = False,
    ) -> None:
        """The role's process runs; unless `as_us`, root starts it as nobody."""
        with (self.logs / f"{role}.log").open("ab") as log:
            self._running[role] = subprocess.Popen(  # type: ignore[call-overload] # user, group and extra_groups
                command,
                cwd=folder,
                env=environment or plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **({} if as_us else unprivileged()),
            )

    def pid(self, role: str) -> int:
        """The process id of the role's leader."""
        return self._running[role].pid

    def kill(self, *roles: str) -> None:
        """The roles' processes (without names: all) are gone, their children with them."""
        ended = [self._running.pop(role) for role in roles or tuple(self._running)]
        for process in ended:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in ended:
            process.wait()

    def dead(self) -> str:
        """What to say of a process that ended by itself; nothing while all run."""
        for role, process in self._running.items():
            if process.poll() is not None:
                return f"{role} ended with exit code {process.returncode}:\n{self.last_words(role)}"
        return ""

    def last_words(self, role: str) -> str:
        """The end of a role's log."""
        with suppress(OSError):
            return "\n".join(
                (self.logs / f"{role}.log").read_text("utf-8", errors="replace").splitlines()[-LAST_WORDS:]
            )
        return ""


def plain_environment() -> dict[str, str]:
    """The environment of a server that needs nothing of ours."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
