"""A daemon is there once it is ready, gone with all its children afterwards, and says why it did not start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plimsoll.drills.cloud.daemon import Daemon
from plimsoll.errors import StackFailed
from plimsoll.wait import wait_until

FAMILY = """
import os, pathlib, signal
child = os.fork()
if child:
    pathlib.Path("new").write_text(f"{os.getpid()} {child} {os.environ['SAID']} {'HOME' in os.environ}")
    pathlib.Path("new").rename("family")
signal.pause()
"""


def daemon(folder: Path, *command: str, seconds: float = 20.0) -> Daemon:
    """A program that is ready when it has written down its family."""
    return Daemon(
        "the family",
        command,
        log=folder / "family.log",
        ready=(folder / "family").exists,
        seconds=seconds,
        environment={"SAID": "word"},
    )


def test_is_gone_with_its_children(tmp_path: Path) -> None:
    """It works in its folder, with what it is told of the environment; once left, nobody of it is there."""
    with daemon(tmp_path, sys.executable, "-c", FAMILY):
        parent, child, word, home = (tmp_path / "family").read_text(encoding="utf-8").split()
        assert (word, home) == ("word", "False")
        os.kill(int(child), 0)

    with pytest.raises(ProcessLookupError):
        os.kill(int(parent), 0)
    # Nobody, or one that only waits to be counted.
    wait_until(lambda: not Path(f"/proc/{child}/cwd").exists(), timeout=5.0, what="the end of its child")


def test_says_why_it_did_not_start(tmp_path: Path) -> None:
    """One that ends is not waited for, and its last words are told."""
    with (
        pytest.raises(StackFailed, match="the family did not start: no port left"),
        daemon(tmp_path, "sh", "-c", "echo no port left; exit 1"),
    ):
        pytest.fail("it was entered")


def test_is_gone_when_it_is_never_ready(tmp_path: Path) -> None:
    """One that does not come to it is ended."""
    hangs = ("sh", "-c", "echo $$; exec sleep 60")

    with pytest.raises(StackFailed, match="the family did not start"), daemon(tmp_path, *hangs, seconds=0.5):
        pytest.fail("it was entered")

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "family.log").read_text(encoding="utf-8")), 0)
