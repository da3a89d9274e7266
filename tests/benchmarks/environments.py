"""How long an environment takes to be made, and the harness to be imported."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from plimsoll.wait import SYSTEM_CLOCK

PROJECT = Path(__file__).parents[2]


def with_uv() -> float:
    """Seconds of a smoke environment made by uv as tox makes it: byte-compiled, its cache warm."""
    uv = PROJECT / ".venv" / "bin" / "uv"
    with tempfile.TemporaryDirectory() as folder:
        home = str(Path(folder) / "env")
        install: list[str | Path] = [
            uv,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            home,
            *_requirements(),
        ]
        return _seconds([uv, "venv", "--quiet", "--python", sys.executable, home]) + _seconds(install)


def with_pip() -> float:
    """Seconds of the same environment made by venv and pip, its cache warm."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "env"
        install: list[str | Path] = [
            home / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        return _seconds([sys.executable, "-m", "venv", home]) + _seconds([*install, *_requirements()])


def import_plugin() -> float:
    """Seconds of a process that imports all a smoke run on processes needs."""
    return _seconds([sys.executable, "-c", "import plimsoll.plugin, plimsoll.stacks.processes.stack"])


def import_pytest() -> float:
    """Seconds of a process that imports pytest."""
    return _seconds([sys.executable, "-c", "import pytest"])


def _requirements() -> list[str]:
    """What the group `smoke` pins, the groups it includes followed one level."""
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    included = [groups[part["include-group"]] for part in groups["smoke"]]
    return sorted({line for group in included for line in group})


def _seconds(command: Sequence[str | Path]) -> float:
    started = SYSTEM_CLOCK.monotonic()
    subprocess.run(command, check=True, cwd=PROJECT, capture_output=True)
    return SYSTEM_CLOCK.monotonic() - started
