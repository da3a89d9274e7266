"""A program that serves drills from a folder of the run, for as long as somebody needs it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from plimsoll.errors import StackFailed
from plimsoll.wait import NotReady, wait_until

LAST_WORDS = 1000
"""Characters of its log that tell why one did not start."""


class Daemon:
    """While entered, `command` runs, is `ready`, and writes what it says into `log`.

    It works in the folder of that log, one of the run, by which it is found should the run be killed. Of this process's
    environment it has PATH alone, and `environment`. Raises StackFailed, in the name of `what`, where it ends or is not
    ready within so many seconds.
    """

    def __init__(
        self,
        what: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        seconds: float,
        environment: Mapping[str, str],
    ) -> None:
        self._what = what
        self._command = command
        self._log = log
        self._ready = ready
        self._seconds = seconds
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command,
                cwd=self._log.parent,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process = process
        try:
            wait_until(self._ready, timeout=self._seconds, error=lambda _: process.poll() is not None, what=self._what)
        except NotReady as error:
            self.__exit__()
            said = self._log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]
            raise StackFailed(f"{self._what} did not start: {said.strip()}") from error
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
