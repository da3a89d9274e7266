"""What tests of drills stand on: a stack of processes whose application counts nobody's requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plimsoll.deployment import find, read_deployment
from plimsoll.drills.clients.visitor import quota_settings
from plimsoll.drills.recorder import Recorder
from plimsoll.model import Deployment
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks.processes.stack import ProcessesStack


def deployment_named(name: str) -> Deployment:
    """A reference deployment."""
    return read_deployment(find(name))


@contextmanager
def running(deployment: Deployment) -> Iterator[ProcessesStack]:
    """The deployment as processes, ready for a witness."""
    with Run(new_run_id()) as run, ProcessesStack(deployment, run) as stack:
        stack.reconfigure(deployment.root, quota_settings(deployment))
        yield stack


def recorder_in(folder: Path) -> Recorder:
    """A journal in that folder."""
    return Recorder("test", "something is tried", file=folder / "journal.jsonl")
