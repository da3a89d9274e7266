"""A deployment's stack in a process of its own, up until its input ends: `python -m loadtests._stack NAME KIND`.

Locust has changed sockets and processes for everything in its own process, so the stack is not brought up there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from plimsoll.deployment import find, read_deployment
from plimsoll.document import Place
from plimsoll.errors import PlimsollError, StackFailed
from plimsoll.model import Deployment
from plimsoll.observations.load import Target
from plimsoll.packed import packed, unpacked
from plimsoll.runs import Run, new_run_id, sweep
from plimsoll.stacks import choose, make
from plimsoll.stacks.protocol import Accounts, Stack
from plimsoll.stacks.targets import target_of

CLIENTS = 1000
"""Loopback addresses that load comes from: what one client may ask is not what a deployment can bear."""

LOOPBACK = "127."
HOME = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """What the helper says of a stack that is up."""

    kind: str
    target: Target
    account: tuple[str, ...]


class StackProcess:
    """The helper that keeps a stack up. Left, or when this process ends in whatever way, the stack is gone."""

    def __init__(self, deployment: str, kind: str) -> None:
        command = [sys.executable, "-m", "loadtests._stack", deployment, kind]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=HOME
        )

    def up(self) -> Up:
        """What is up. Raises StackFailed with the helper's own words."""
        assert self._process.stdout is not None  # noqa: S101 - it was opened with a pipe
        try:
            said = json.loads(self._process.stdout.readline())
        except ValueError as error:
            raise StackFailed("the stack's helper ended without a word", hint="see above") from error
        if "trouble" in said:
            raise StackFailed(said["trouble"], hint=said["hint"])
        return unpacked(Place(file="the stack's helper", key="", value=said, hint="see above"), Up)

    def close(self) -> None:
        """The stack is gone."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait()


def _told(deployment: Deployment, stack: Stack) -> Up:
    target = target_of(deployment, stack)
    if stack.kind == "processes" and target.address[0].startswith(LOOPBACK):
        target = replace(target, clients=CLIENTS)
    return Up(kind=stack.kind, target=target, account=stack.account if isinstance(stack, Accounts) else ())


def _stand(name: str, kind: str) -> int:
    try:
        deployment = read_deployment(find(name))
        sweep()
        with Run(new_run_id()) as run, make(choose(kind, deployment), deployment, run) as stack:
            print(json.dumps(packed(_told(deployment, stack))), flush=True)  # noqa: T201 - what the parent reads
            sys.stdin.read()
    except PlimsollError as error:
        print(json.dumps({"trouble": error.fact, "hint": error.hint}), flush=True)  # noqa: T201 - likewise
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_stand(*sys.argv[1:]))
