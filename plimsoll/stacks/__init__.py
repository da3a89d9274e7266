"""Stacks: a deployment running in containers, as plain processes, already live somewhere, or just its files."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.errors import BadInput
from plimsoll.model import Deployment
from plimsoll.runs import Run
from plimsoll.stacks.files import FilesStack
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.protocol import Stack

KINDS = ("auto", "containers", "processes", "live", "files")


def choose(kind: str, deployment: Deployment) -> str:
    """The kind that `auto` means here: live if the deployment has only URLs, else containers if an engine answers."""
    if kind != "auto":
        return kind
    if not deployment.services:
        return "live"
    from plimsoll.stacks.containers.engine import engine_answers  # noqa: PLC0415 - as below: a live target needs no engine

    return "containers" if engine_answers() else "processes"


def make(
    kind: str, deployment: Deployment, run: Run, *, durable: bool = False, settings: Mapping[str, str] | None = None
) -> Stack:
    """The deployment as that kind of stack, not yet started; what a `durable` one confirms is on its disk.

    `settings` are variables `<role>.NAME` that say otherwise than the deployment's own files.
    """
    if kind == "files":
        return FilesStack(deployment)
    if kind == "live":
        return LiveStack(deployment)
    if not deployment.services:
        raise BadInput(
            f"this deployment has no services, so it cannot run as {kind}", key="--stack", hint="--stack live"
        )
    if kind == "containers":
        from plimsoll.stacks.containers.stack import ContainersStack  # noqa: PLC0415 - loads the engine's client, which others do without

        return ContainersStack(deployment, run, durable=durable, settings=settings or {})
    from plimsoll.stacks.processes.stack import ProcessesStack  # noqa: PLC0415 - likewise its server programs, for a live target

    return ProcessesStack(deployment, run, durable=durable, settings=settings or {})
