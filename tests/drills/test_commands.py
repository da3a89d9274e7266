"""Commands of an operator end when they should, and say what they said."""

from __future__ import annotations

import os
from pathlib import Path

from plimsoll.drills.host.commands import NOT_FOUND, SHOWN, TIMED_OUT, Running
from plimsoll.wait import wait_until


def begun(folder: Path, *command: str) -> Running:
    environment = {"PATH": os.environ["PATH"], "PROBE": "here"}
    return Running("as typed", command, cwd=folder, env=environment, words=folder / "said")


def test_says_how_it_ended(tmp_path: Path) -> None:
    """The exit code, both streams in their order, and only the variables it was given."""
    done = begun(tmp_path, "sh", "-c", 'echo "$PROBE"; echo trouble >&2; pwd; exit 7').done(seconds=10)

    assert (done.command, done.code, done.well) == ("as typed", 7, False)
    assert done.output == f"here\ntrouble\n{tmp_path}"


def test_missing_program(tmp_path: Path) -> None:
    """A command that is not there ends as in a shell."""
    done = begun(tmp_path, "/no/such/program").done(seconds=10)

    assert (done.code, done.output) == (NOT_FOUND, "/no/such/program: no such file or directory")


def test_deadline(tmp_path: Path) -> None:
    """One that takes too long is ended, and what it started with it."""
    running = begun(tmp_path, "sh", "-c", "sleep 600 & echo $!; wait")
    wait_until(lambda: running.said, timeout=10)
    child = int(running.said)

    done = running.done(seconds=0.1)

    assert done.code == TIMED_OUT
    assert "ended after 0.1 s" in done.output
    wait_until(lambda: not runs(child), timeout=10)


def test_nothing_lives_on(tmp_path: Path) -> None:
    """What a command left running in the background is ended, and keeps nobody waiting."""
    done = begun(tmp_path, "sh", "-c", "sleep 600 & echo $!").done(seconds=10)

    assert done.well
    assert done.seconds < 5
    wait_until(lambda: not runs(int(done.output)), timeout=10)


def test_killed_half_way(tmp_path: Path) -> None:
    """One that is killed has the code that a shell would give it."""
    running = begun(tmp_path, "sleep", "600")
    assert running.lives

    running.end()

    assert running.done(seconds=10).code == 128 + 9
    assert not running.lives


def test_much_is_shown_by_its_ends(tmp_path: Path) -> None:
    """Of a command that does not stop talking, the beginning and the end are kept."""
    done = begun(tmp_path, "sh", "-c", "echo first; yes | head -c 1000000; echo last").done(seconds=20)

    assert done.output.startswith("first\n")
    assert done.output.endswith("last")
    assert len(done.output) < 2 * SHOWN + 100


def runs(pid: int) -> bool:
    """Whether a process lives, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
