"""What the supervisor of a container is told, through a folder that both of us have.

The engine could write these files, too: that takes a tenth of a second of processor each time.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

INSIDE = "/plimsoll-orders"
ENVIRONMENT_FILE, WANTED_FILE = f"{INSIDE}/environment", f"{INSIDE}/wanted"
"""What its program is started with, and whether it is started when the container starts again (images/supervise)."""

OURS_ALONE, FOR_ALL, READ_BY_ALL = 0o700, 0o755, 0o444
"""Whoever the program runs as enters and reads, inside. On this machine nobody else gets past the folder above:
variables are passwords, too."""


class Orders:
    """The orders of one container, in a folder of that name among those of its stack, made anew: none at first."""

    def __init__(self, stack: Path, name: str) -> None:
        stack.mkdir(mode=OURS_ALONE, exist_ok=True)
        self.folder = stack / name
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(FOR_ALL)  # whatever this process lets others do by default
        for file in (ENVIRONMENT_FILE, WANTED_FILE):
            self._here(file).unlink(missing_ok=True)

    def run_with(self, settings: Mapping[str, str], *, forgotten: Mapping[str, str]) -> None:
        """The program is started with these variables, and without those of the `forgotten` that are not among them."""
        unset = "".join(f"unset {name}\n" for name in forgotten if name not in settings)
        said = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
        self._write(ENVIRONMENT_FILE, unset + said)

    def begin(self, *, up: bool) -> None:
        """With the container its program starts, or does not."""
        self._write(WANTED_FILE, "up\n" if up else "down\n")

    def _write(self, file: str, text: str) -> None:
        """All of it is there, or what was there before."""
        partial = self._here(f"{file}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.chmod(READ_BY_ALL)
        partial.replace(self._here(file))

    def _here(self, file: str) -> Path:
        return self.folder / PurePosixPath(file).name
