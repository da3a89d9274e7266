"""What a drill has: a stack of its own, somebody at its host, a witness, a journal."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from plimsoll.drills.recorder import Recorder
from plimsoll.model import Deployment
from plimsoll.stacks.protocol import Hosting, Stack


class HostedStack(Stack, Hosting, Protocol):
    """A stack that we started, whose host we operate."""


class Theatre(Protocol):
    """Where drills take place: each gets stacks of its own, put up anew. `scale` multiplies the data."""

    deployment: Deployment
    scale: float

    def stack(self) -> AbstractContextManager[HostedStack]:
        """A stack of the deployment as it should be, whose writes wait for the disk; gone when left."""

    def recorder(self, drill: str, says: str) -> Recorder:
        """The journal of a drill, kept with the run's reports."""
