"""What the fastest honest methods take on the same data: a physical copy beside a logical restore.

Both are tried beside the database's server, with its own programs, from a backup that was made before the watch began;
both end when a query is answered from data that a power cut would not take. The server itself is only read.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from importlib import resources

from plimsoll.drills.recorder import Recorder
from plimsoll.stacks.protocol import Hosting

SECONDS = 300.0
"""Until a method is given up: it takes a second for 25 MB, and half a minute for a gigabyte on a busy machine."""

LAST_LINES = 2
"""Of what a method said that failed."""

METHODS: Mapping[str, str] = {
    "physical": "a base backup, copied and started",
    "logical": "pg_restore with two jobs",
}
"""The methods of fastest.sh, in words."""


def fastest(stack: Hosting, role: str, recorder: Recorder) -> dict[str, float]:
    """Seconds from a backup that lies ready to the first answer, by method; the journal tells of one that failed."""
    script = resources.files(__package__).joinpath("fastest.sh").read_text(encoding="utf-8")
    took = {}
    for method, words in METHODS.items():
        seconds, said = _tried(stack, role, ["sh", "-c", script, "fastest", method, script])
        if seconds is None:
            recorder.note(f"how long {words} takes was not measured: {said}")
        else:
            took[words] = seconds
    return took


def _tried(stack: Hosting, role: str, command: list[str]) -> tuple[float | None, str]:
    """The seconds, or what was said instead."""
    inside = stack.inside(role)
    try:
        done = subprocess.run(
            [*inside.words, *command],
            env=dict(inside.environment) or None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"it took more than {SECONDS:.0f} seconds"
    except OSError as error:
        return None, str(error.strerror)
    lines = [line for line in (done.stdout or done.stderr).splitlines() if line.strip()]
    match lines[-1].split() if lines else []:
        case ["took", started, finished] if done.returncode == 0:
            return float(finished) - float(started), ""
    errors = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return None, " / ".join(errors[-LAST_LINES:]) or f"it ended with {done.returncode}"
