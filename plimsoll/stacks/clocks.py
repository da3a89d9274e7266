"""A wall clock of its own for one replica: libfaketime adds to the time what a file says, and reads it every second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CLOCK = "clock"
"""The file in a run's folder that says how far ahead that clock is."""

FILE = "FAKETIME_TIMESTAMP_FILE"
PLACES = "/usr/lib/*/faketime/libfaketime.so.1"
LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1"
"""Where Debian's package has it; the dynamic linker knows what $LIB is on its machine (ld.so(8))."""

BEHAVES: Mapping[str, str] = {"FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
"""It looks at the file once a second, and leaves alone how long things take, and the times of files."""


def is_here() -> bool:
    """Whether programs of this machine can have a clock of their own."""
    return any(Path("/").glob(PLACES[1:]))


def own_clock(role: str, file: Path) -> dict[str, str]:
    """The settings by which the first replica of that role goes by that file, which is there and says: right."""
    file.touch()
    put_ahead(file, 0)
    return {f"{role}/1.{name}": value for name, value in {FILE: str(file), **BEHAVES}.items()}


def put_ahead(file: Path, seconds: int) -> None:
    """The clock that goes by that file is so many seconds ahead: written over what was there, of the same length."""
    with file.open("r+", encoding="ascii") as opened:
        opened.write(f"+{seconds:06d}s\n")


def preloading(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The words before the command of a program with these variables: they give it its clock, and nobody else."""
    return ("env", f"LD_PRELOAD={LIBRARY}") if FILE in variables else ()
