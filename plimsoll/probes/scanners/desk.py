"""A folder with the files that one scanner is to see, and the scanner's program run over them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plimsoll.errors import CouldNotLook
from plimsoll.observations.artefacts import SourceFile

DEADLINE = 120.0
"""Seconds one scanner may take: the slowest here takes two for a hundred files, cold and on a busy machine ten."""

LAST_WORDS = 300
"""Characters of what a scanner said last."""


class Crashed(CouldNotLook):
    """A scanner that ended in another way than it should."""


class TookTooLong(Crashed):
    """A scanner that did not end."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said, and with which code it ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """Its last words, in one line."""
        lines = [line.strip() for line in (self.out + "\n" + self.err).splitlines() if line.strip()]
        return (lines[-1] if lines else "no word")[-LAST_WORDS:]

    def json(self) -> Any:  # noqa: ANN401 - whoever reads it knows its shape, and Crashed is raised where it has another
        """Its standard output as JSON. Raises Crashed."""
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise Crashed(f"what it said is no JSON: {self.last}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The files that a scanner is to see, by their paths in a folder of their own, and the program that looks at them.

    `all` are the deployment's files, for scanners that follow references.
    """

    folder: Path
    program: Path
    files: Mapping[str, SourceFile]
    all: tuple[SourceFile, ...] = ()
    deadline: float = DEADLINE
    environment: Mapping[str, str] = field(default_factory=dict)

    def lay_out(self) -> None:
        """Every file lies in the folder. Raises Crashed."""
        for path, source in self.files.items():
            self.write(path, source.text)

    def write(self, path: str, text: str) -> None:
        """A file says that from now on: what it names that is not here is replaced, line by line. Raises Crashed."""
        place = self.folder / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Crashed(
                f"cannot write to {self.folder}: {error.strerror}", hint="free space or set TMPDIR"
            ) from error

    def path(self, said: str) -> str:
        """The file that a scanner means; "" if it is none of the desk's."""
        inside = said.removeprefix(f"{self.folder}/").removeprefix("./").lstrip("/")
        return inside if inside in self.files else ""

    def run(self, *arguments: str | Path, ok: Sequence[int] = (0,), program: str | Path = "") -> Said:
        """What the program said of these arguments. Raises Crashed for another exit code, or at the deadline."""
        command = [str(program or self.program), *map(str, arguments)]
        environment = {
            "PATH": f"{self.program.parent}:{os.environ.get('PATH', os.defpath)}:/usr/sbin",
            "HOME": str(self.folder),  # whoever runs this may have settings of their own; the findings are everybody's
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(self.folder),
            **self.environment,
        }
        try:
            with subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            ) as process:
                try:
                    out, err = process.communicate(timeout=self.deadline)
                finally:
                    with suppress(ProcessLookupError):  # whoever it started does not outlive it
                        os.killpg(process.pid, signal.SIGKILL)
        except subprocess.TimeoutExpired:
            raise TookTooLong(f"took longer than {self.deadline:g} s") from None
        except OSError as error:
            raise Crashed(f"{command[0]} cannot be started: {error.strerror}") from error
        said = Said(process.returncode, out, err)
        if said.code not in ok:
            how = f"was killed by signal {-said.code}" if said.code < 0 else f"ended with {said.code}"
            raise Crashed(f"{how}: {said.last}")
        return said
