"""What the supervisor of a container is told, and what it says, through folders that both of us have.

The engine could write these files, and list what runs: that takes a tenth of a second of processor each time.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

INSIDE, SAID = "/plimsoll-orders", "/plimsoll-state"
ENVIRONMENT_FILE, WANTED_FILE = f"{INSIDE}/environment", f"{INSIDE}/wanted"
"""What its program is started with, and whether it is started when the container starts again (images/supervise)."""

STATE_FILE = f"{SAID}/state"
RUNNING, RESTING, ENDED = "running", "resting", "ended"
"""What became of its program: it runs; nothing of it is left, and the container waits; it ended by itself, and the
container with it (images/supervise)."""

OURS_ALONE, FOR_ALL, READ_BY_ALL, WRITTEN_BY_ALL = 0o700, 0o755, 0o444, 0o777
"""Whoever the program runs as enters, reads, and writes what became of it, inside. On this machine nobody else gets
past the folder above: variables are passwords, too."""


class Orders:
    """The orders of one container, in a folder of that name among those of its stack, made anew: none at first.

    `folder` is read inside at INSIDE, `said` is written there at SAID.
    """

    def __init__(self, stack: Path, name: str) -> None:
        stack.mkdir(mode=OURS_ALONE, exist_ok=True)
        self.folder, self.said = stack / name, stack / f"{name}.state"
        for folder, mode in ((self.folder, FOR_ALL), (self.said, WRITTEN_BY_ALL)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)  # whatever this process lets others do by default
            for file in folder.iterdir():
                file.unlink()

    def run_with(self, settings: Mapping[str, str], *, forgotten: Mapping[str, str]) -> None:
        """The program is started with these variables, and without those of the `forgotten` that are not among them."""
        unset = "".join(f"unset {name}\n" for name in forgotten if name not in settings)
        said = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
        self._write(ENVIRONMENT_FILE, unset + said)

    def begin(self, *, up: bool) -> None:
        """With the container its program starts, or does not."""
        self.forget()
        self._write(WANTED_FILE, "up\n" if up else "down\n")

    def forget(self) -> None:
        """What the supervisor said until now counts no more: it is about to be told something."""
        self._state.unlink(missing_ok=True)

    @property
    def state(self) -> str:
        """What became of the program, as the supervisor said last; empty before it said anything more."""
        try:
            return self._state.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""

    def _write(self, file: str, text: str) -> None:
        """All of it is there, or what was there before."""
        partial = self._here(f"{file}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.chmod(READ_BY_ALL)
        partial.replace(self._here(file))

    @property
    def _state(self) -> Path:
        return self.said / PurePosixPath(STATE_FILE).name

    def _here(self, file: str) -> Path:
        return self.folder / PurePosixPath(file).name
