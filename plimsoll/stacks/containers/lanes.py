"""The networks and volumes of a stack, by testcontainers. Imported only once a stack starts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from typing import Self

from plimsoll.runs import LABEL
from plimsoll.stacks.containers.engine import engine_heard, prepare
from plimsoll.wait import wait_until

prepare()

from docker.errors import APIError, NotFound  # type: ignore[import-untyped] # noqa: E402 - after prepare(); ships no types
from testcontainers.core.docker_client import DockerClient  # noqa: E402 - likewise
from testcontainers.core.network import Network  # noqa: E402 - likewise

CHANGE_SECONDS = 30.0
"""How long the engine may take to let go of a network: milliseconds, but more than five seconds have been seen. Nothing
that is measured waits for it."""

FORBIDDEN = 403
"""What the engine answers while something is still connected to a network."""


class Lane(Network):
    """A network of one run; an internal one reaches nothing outside."""

    def __init__(self, name: str, *, run_id: str, version: str, internal: bool) -> None:
        super().__init__(
            docker_client_kw={"version": version}, docker_network_kw={"labels": {LABEL: run_id}, "internal": internal}
        )
        self.role = name
        self.name = f"plimsoll-{run_id}-{name}"

    def create(self) -> Self:
        """The network is there; raises StackFailed with the engine's own words."""
        with engine_heard(f"the network {self.name} could not be made"):
            return super().create()

    def remove(self) -> None:
        """The network is gone, if it ever was there; an engine with much to do lets go of containers a little later.

        Raises StackFailed with what the engine says holds it.
        """
        if self._network is not None:
            with engine_heard(f"the network {self.name} could not be removed"), suppress(NotFound):
                wait_until(self._holds, lambda held: not held, timeout=CHANGE_SECONDS, what=f"the end of {self.name}")
        self._docker.client.close()

    def _holds(self) -> str:
        """What the engine says still holds the network; nothing once it is gone."""
        try:
            super().remove()
        except APIError as error:
            if error.status_code != FORBIDDEN:
                raise
            return str(error.explanation)
        return ""


def remove_volumes(names: Iterable[str], *, version: str) -> None:
    """The volumes of a run are gone, if they ever were there."""
    with closing(DockerClient(version=version).client) as client, suppress(NotFound):
        for name in names:
            client.api.remove_volume(name, force=True)
