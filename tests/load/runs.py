"""Runs of Locust, each in a process of its own, and what they leave."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from plimsoll.observations.load import LoadRun
from plimsoll.observations.load.stored import read_run

HOME = Path(__file__).parents[2]
AT_MOST = 60.0
"""For a run of a few seconds on a machine that is busy with something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run that is over."""

    code: int
    said: str
    result: Path

    @property
    def fit(self) -> bool:
        """Whether it ended as a run does that went well, or told of a machine that is busy with something else."""
        return self.code == (2 if "void: " in self.said else 0)

    @property
    def run(self) -> LoadRun:
        """What it left."""
        return read_run(self.result)


LOCUST = ("-m", "locust")


def command(result: Path, *words: str) -> list[str]:
    """The command line of a run without the web UI."""
    locust = [sys.executable, *LOCUST, "-f", str(HOME / "loadtests"), "--headless", "--loglevel", "WARNING"]
    return [*locust, "--result", str(result), *words]


def start(result: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    """A run that is under way."""
    return subprocess.Popen(
        command(result, *words),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HOME,
        env={**os.environ, "PYTHONPATH": str(HOME), **environment},
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str], result: Path) -> Ran:
    """The same once it is over. No traceback reaches a user."""
    said = process.communicate(timeout=AT_MOST)[1]
    assert "Traceback" not in said, said
    return Ran(code=process.returncode, said=said, result=result)


def ran(result: Path, *words: str, **environment: str) -> Ran:
    """The whole run."""
    return ended(start(result, *words, **environment), result)
