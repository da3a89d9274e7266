"""Services that do not live for long: one dies whenever it is started, another has no memory left."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.drills.resilience.knocks import ANSWERS, REFUSED
from plimsoll.drills.resilience.ward import Ward
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.stacks.protocol import Contained
from plimsoll.wait import pause

WAITS = (0.1, 0.2)
"""Seconds that an engine waits before it starts again what has died: twice as long each time (docs.docker.com)."""

STARTING_SECONDS = 10.0
"""Until nobody waits any more for an application to have begun, on a machine that has much else to do."""

ROOM = 96 * 1024 * 1024
"""Bytes that a container may have when it is to run out: what the application has at rest, and little more."""

GROWING = {"BORN": "growing"}
"""What makes the application take ever more memory (fixtures/app/README.md)."""

KILLED = 137
"""128 and SIGKILL: how whoever the kernel killed has ended."""


@contextmanager
def restart_loop(ward: Ward, role: str, *, replica: int) -> Iterator[str]:
    """This one dies whenever it is started, and is started ever later; the last time it stays."""
    ward.recorder.act(f"{role}, replica {replica}, dies whenever the engine has started it", destructive=True)
    began = ward.recorder.now
    ward.stack.kill(role, replica=replica)
    try:
        ward.found(role, REFUSED, replica=replica)
        for wait in WAITS:
            pause(wait)
            ward.stack.revive(role)
            ward.found(role, ANSWERS, replica=replica, seconds=STARTING_SECONDS)
            ward.stack.kill(role, replica=replica)
        took = ward.recorder.now - began
        yield f"it died {len(WAITS) + 1} times in {took:.1f} s, and was started later each time"
    finally:
        ward.restarts(role)


@contextmanager
def out_of_memory(ward: Ward, role: str, *, replica: int) -> Iterator[str]:
    """The kernel kills this one, as its container has no memory left; afterwards its limit is what it was."""
    stack = ward.stack
    assert isinstance(stack, Contained)  # noqa: S101 - elsewhere nothing limits a service's memory
    name = stack.containers()[role][replica - 1]
    limit = _engine("inspect", "--format", "{{.HostConfig.Memory}}", name)
    ward.recorder.act(f"{role}, replica {replica}, takes ever more memory, and may have {ROOM >> 20} MB")
    try:
        stack.release(role, GROWING, replica=replica)
        _engine("update", "--memory", str(ROOM), "--memory-swap", str(ROOM), name)
        state = "{{.State.OOMKilled}} {{.State.ExitCode}}"

        def ended() -> bool:
            return _engine("inspect", "--format", state, name) == f"true {KILLED}"

        ward.await_landing(ended, f"{role} without memory", seconds=STARTING_SECONDS)
        yield f"the engine: OOMKilled, exit code {KILLED}"
    finally:
        most = limit if limit != "0" else "-1"
        _engine("update", "--memory", most, "--memory-swap", most, name)
        ward.restarts(role, by=lambda: stack.release(role, {}, replica=replica))


def _engine(*words: str) -> str:
    """What the engine says. Raises NotLanded with its words when it refuses."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotLanded(f"docker {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
