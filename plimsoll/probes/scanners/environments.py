"""The environments of scanners, and of what drills use: made once from pinned requirements, kept by their hash."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from plimsoll.errors import MissingTool
from plimsoll.probes.scanners.scanner import POLICIES, Scanner
from plimsoll.runs import cache_folder

OFFLINE = "PLIMSOLL_OFFLINE"
"""The environment variable that forbids to install anything."""

INSTALL = "python -m plimsoll scanners"
"""The line that makes every environment."""

READY = "ready"
"""The file that an environment has when it is whole."""

MINUTES = 600.0
"""Seconds until an installation is given up."""

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)", re.MULTILINE)
VERSION = re.compile(r"\d+(\.\d+)+")
_failed: dict[str, str] = {}
"""Environments that could not be made in this run: nobody tries again and again."""


def names() -> tuple[str, ...]:
    """Every environment that there are pins for."""
    return tuple(sorted(path.stem for path in (POLICIES / "scanners").glob("*.txt")))


@cache
def pins(home: str) -> Mapping[str, str]:
    """The pinned packages of an environment with their versions."""
    return {found["name"]: found["version"] for found in PIN.finditer(_requirements(home).read_text(encoding="utf-8"))}


def wanted(home: str) -> tuple[str, ...]:
    """What an environment is made for, without all that comes with it."""
    return tuple(
        found["name"] for found in PIN.finditer((POLICIES / "scanners" / f"{home}.in").read_text(encoding="utf-8"))
    )


def program(scanner: Scanner) -> Path:
    """The scanner's program; its environment is made if need be. Raises MissingTool."""
    if scanner.home:
        return prepared(scanner.home) / "bin" / scanner.program
    found = shutil.which(scanner.program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if found is None and scanner.program == "postgres":
        newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        found = str(newest[-1]) if newest else None
    if found is None:
        raise MissingTool(f"{scanner.program} is not installed", hint=f"apt-get install {scanner.package}")
    return Path(found)


def is_ready(home: str) -> bool:
    """Whether the environment is there already."""
    return (_place(home) / READY).exists()


def prepared(home: str) -> Path:
    """The environment's folder, whole. Raises MissingTool where it cannot be made."""
    place = _place(home)
    if (place / READY).exists():
        return place
    if os.environ.get(OFFLINE):
        raise MissingTool(f"not installed, and {OFFLINE} is set", hint=f"unset {OFFLINE}, then {INSTALL}")
    if home not in _failed:
        with _alone(place):
            if not (place / READY).exists():
                _make(home, place)
    if home in _failed:
        raise MissingTool(f"could not be installed: {_failed[home]}", hint=INSTALL)
    return place


def _make(home: str, place: Path) -> None:
    """The environment is made from its requirements, or it is known why not."""
    uv, python = _uv(), str(place / "bin" / "python")
    pins = ["--require-hashes", "-r", str(_requirements(home))]
    commands = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)],
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *pins],
    )
    if not uv:
        commands = (
            [sys.executable, "-m", "venv", "--clear", str(place)],
            [python, "-m", "pip", "install", "--quiet", *pins],
        )
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MINUTES)
        except (OSError, subprocess.SubprocessError) as error:
            _failed[home] = str(error)
            return
        if done.returncode:
            said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            _failed[home] = said[-1] if said else f"{Path(command[0]).name} ended with {done.returncode}"
            return
    (place / READY).touch()


def _uv() -> str:
    """The installer that comes with tox, or "" where there is none and pip has to do."""
    beside = (Path(sys.executable).parent / "uv", POLICIES.parent / ".venv" / "bin" / "uv")
    return shutil.which("uv") or next((str(path) for path in beside if path.exists()), "")


def _requirements(home: str) -> Path:
    return POLICIES / "scanners" / f"{home}.txt"


def _place(home: str) -> Path:
    key = hashlib.sha256(_requirements(home).read_bytes() + sys.version.encode()).hexdigest()[:16]
    return cache_folder() / "scanners" / f"{home}-{key}"


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """While inside, nobody else makes the same environment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
