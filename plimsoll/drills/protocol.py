"""What a drill has: stacks of its own, and a journal that is kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.drills.recorder import Recorder
from plimsoll.model import Deployment
from plimsoll.stacks.protocol import Accounts, Hosting, Logging, Stack


class HostedStack(Stack, Hosting, Accounts, Logging, Protocol):
    """A stack that we started, whose host we operate."""


class Theatre(Protocol):
    """Where drills take place: each gets stacks of its own, put up anew. `scale` multiplies the data."""

    @property
    def deployment(self) -> Deployment:
        """Whose drills these are."""

    @property
    def scale(self) -> float:
        """How many times as much data as usual is put into a stack."""

    @property
    def store(self) -> ObjectStore:
        """The object store of these drills; what is in it stays until it is emptied."""

    def stack(self) -> AbstractContextManager[HostedStack]:
        """A stack of the deployment as it should be, whose writes wait for the disk; gone when left."""

    def slotted(self) -> AbstractContextManager[HostedStack]:
        """A stack with every slot that a release may run in, whose edge answers a client as often as it asks."""

    def cramped(self) -> AbstractContextManager[HostedStack]:
        """An unmetered stack whose uploads have a small disk, and one replica a clock of its own, where that can be."""

    def recorder(self, drill: str, says: str) -> Recorder:
        """The journal of a drill, kept with the run's reports."""
