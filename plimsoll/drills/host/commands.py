"""Commands of an operator: each in a session of its own, with a deadline, its words kept within bounds."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plimsoll.wait import SYSTEM_CLOCK

SHOWN = 8_192
"""Bytes kept of the beginning and of the end of what a command said."""

NOT_FOUND, NOT_RUN, TIMED_OUT = 127, 126, 124
"""Exit codes as a shell and timeout(1) give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that ended. `code` is as a shell has it: 128 and the signal's number for one that was killed."""

    command: str
    code: int
    output: str
    seconds: float

    @property
    def well(self) -> bool:
        """Whether it says that it did what it was asked to do."""
        return self.code == 0


class Running:
    """A command that was begun. Its words go into a file, so that no descendant that lives on keeps us waiting."""

    def __init__(self, shown: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], words: Path) -> None:
        self.shown = shown
        self._words = words
        self._started = SYSTEM_CLOCK.monotonic()
        self._failed: Done | None = None
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with words.open("wb") as file:
                self._process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUN
            said = f"{command[0]}: {(error.strerror or str(error)).lower()}"
            self._failed = Done(command=shown, code=code, output=said, seconds=0.0)

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """What it has said so far: all of it, or its beginning and its end."""
        with suppress(OSError), self._words.open("rb") as file:
            begun = file.read(SHOWN)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - SHOWN, len(begun)))
            left_out = size - 2 * SHOWN
            between = f"\n… {left_out} bytes …\n".encode() if left_out > 0 else b""
            return (begun + between + file.read()).decode("utf-8", errors="replace").strip()
        return ""

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """It and all that it started get that signal, unless it has ended."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, how)

    def done(self, *, seconds: float) -> Done:
        """How it ended; it is killed when that takes longer. Nothing that it started in its session lives on."""
        if self._process is None:
            assert self._failed is not None  # noqa: S101 - one of both is there
            return self._failed
        late = ""
        try:
            self._until_over(seconds)
            code = self._process.wait(timeout=0)
        except subprocess.TimeoutExpired:
            late = f"\nended after {seconds:g} s, as it had not by itself"
            code = TIMED_OUT
        took = SYSTEM_CLOCK.monotonic() - self._started
        self.end()
        self._process.wait()
        return Done(
            command=self.shown, code=code if code >= 0 else 128 - code, output=(self.said + late).strip(), seconds=took
        )

    def _until_over(self, seconds: float) -> None:
        """It has ended, or so many seconds have gone by: told by the kernel at once, where polling adds up to 50 ms."""
        assert self._process is not None  # noqa: S101 - it was begun
        try:
            over = os.pidfd_open(self._process.pid)
        except (AttributeError, OSError):  # not on this system, or it is over
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
            return
        try:
            select.select([over], [], [], seconds)
        finally:
            os.close(over)
