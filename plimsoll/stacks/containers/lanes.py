"""The networks and volumes of a stack, by testcontainers. Imported only once a stack starts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from socket import create_connection
from typing import Self

from plimsoll.labelled import LABEL
from plimsoll.stacks.containers.engine import engine_heard, prepare
from plimsoll.wait import NotReady, wait_until

prepare()

from docker.errors import APIError, NotFound  # type: ignore[import-untyped] # noqa: E402 - after prepare(); ships no types
from testcontainers.core.docker_client import DockerClient  # noqa: E402 - likewise
from testcontainers.core.network import Network  # noqa: E402 - likewise

CHANGE_SECONDS = 5.0
"""How long the engine may take to let go of a network; it takes milliseconds."""

NEAR_SECONDS = 0.5
"""How long a container on this machine may take to answer; it takes a fraction of a millisecond."""

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
        """The network is gone, if it ever was there, or is left to whoever sweeps.

        An engine with much to do lets go of containers a little later, and some miscount what is connected.
        """
        if self._network is not None:
            with engine_heard(f"the network {self.name} could not be removed"), suppress(NotFound, NotReady):
                wait_until(self._let_go, timeout=CHANGE_SECONDS, what=self.name)
        self._docker.client.close()

    def _let_go(self) -> bool:
        try:
            super().remove()
        except APIError as error:
            if error.status_code != FORBIDDEN:
                raise
            return False
        return True


def remove_volumes(names: Iterable[str], *, version: str) -> None:
    """The volumes of a run are gone, if they ever were there."""
    with closing(DockerClient(version=version).client) as client, suppress(NotFound):
        for name in names:
            client.api.remove_volume(name, force=True)


def is_near(address: str, port: int) -> bool:
    """Whether packets get there and back; that nobody listens yet is an answer, too."""
    try:
        create_connection((address, port), NEAR_SECONDS).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True
