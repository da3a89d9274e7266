"""A deployment's stack in a process of its own, up until its input ends: `python -m loadtests._stack NAME KIND`.

Locust has changed sockets and processes for everything in its own process, so the stack is not brought up there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, cast

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import PlimsollError, StackFailed
from plimsoll.model import Deployment
from plimsoll.runs import Run, new_run_id, sweep
from plimsoll.stacks import choose, make
from plimsoll.stacks.protocol import Accounts, Endpoint, Stack

CLIENTS = 1000
"""Loopback addresses that load comes from: what one client may ask is not what a deployment can bear."""

LOOPBACK = "127."
HOME = Path(__file__).parents[1]


class Up(TypedDict):
    """What the helper says of a stack that is up."""

    kind: str
    scheme: str
    host: str
    port: int
    address: tuple[str, int]
    authority: str
    clients: int
    account: list[str]


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
        return cast(Up, said)

    def close(self) -> None:
        """The stack is gone."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait()


def edge_of(deployment: Deployment, stack: Stack) -> Endpoint:
    """Where clients come in: the edge, or the first that speaks HTTP; by the workload's host, if it names one."""
    web = [endpoint for endpoint in stack.endpoints if endpoint.scheme in ("http", "https")]
    if not web:
        raise StackFailed(f"nothing of this {stack.kind} stack speaks HTTP", hint="--host URL")
    first = next((endpoint for endpoint in web if endpoint.role == "edge"), web[0])
    host = deployment.workload.host if deployment.workload else ""
    return replace(first, host=host) if host else first


def _told(deployment: Deployment, stack: Stack) -> Up:
    edge = edge_of(deployment, stack)
    many = stack.kind == "processes" and edge.address[0].startswith(LOOPBACK)
    return Up(
        kind=stack.kind,
        scheme=edge.scheme,
        host=edge.host,
        port=edge.port,
        address=edge.address,
        authority=edge.authority.read_text(encoding="utf-8") if edge.authority else "",
        clients=CLIENTS if many else 0,
        account=list(stack.account) if isinstance(stack, Accounts) else [],
    )


def _stand(name: str, kind: str) -> int:
    try:
        deployment = read_deployment(find(name))
        sweep()
        with Run(new_run_id()) as run, make(choose(kind, deployment), deployment, run) as stack:
            print(json.dumps(_told(deployment, stack)), flush=True)  # noqa: T201 - what the parent reads
            sys.stdin.read()
    except PlimsollError as error:
        print(json.dumps({"trouble": error.fact, "hint": error.hint}), flush=True)  # noqa: T201 - likewise
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_stand(*sys.argv[1:]))
