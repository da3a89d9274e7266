"""A ground in one container: two capabilities, no network of the engine's, and no privileges."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.errors import CouldNotLook, StackFailed
from plimsoll.labelled import LABEL
from plimsoll.stacks.containers.engine import engine, engine_heard
from plimsoll.wait import NotReady, wait_until

if TYPE_CHECKING:
    from docker.models.containers import Container  # type: ignore[import-untyped] # the library ships no types

CAPABILITIES = ("NET_ADMIN", "SYS_ADMIN")
"""To make network namespaces (the second) and firewalls in them (the first)."""

SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.ipv6.conf.default.disable_ipv6": "0",
}
"""What cannot be set from inside: the engine shows a container's /proc/sys read-only."""

FILES, PLACE = "/deployment", "/run"
START_SECONDS = 10.0
LAST_LINES = 15


class Contained:
    """The container of one ground, and what answers requests to it."""

    def __init__(self, image: str, *, run_id: str, artefacts: Path) -> None:
        self._client = engine()
        with engine_heard(f"the host could not be started from {image}"):
            self._container: Container = self._client.containers.run(
                image,
                detach=True,
                name=f"plimsoll-{run_id}-host",
                hostname="host",
                labels={LABEL: run_id},
                network_mode="none",
                cap_add=list(CAPABILITIES),
                sysctls=SYSCTLS,
                tmpfs={"/run": ""},
                volumes={str(artefacts): {"bind": FILES, "mode": "ro"}},
            )
        try:
            wait_until(self._listens, timeout=START_SECONDS, what="the host's ground")
        except NotReady as error:
            words = self.log()
            self.remove()
            raise StackFailed(f"the host did not start; its last words:\n{words}", hint=str(error)) from error

    def answer(self, request: str) -> str:
        """What the ground answers to one request."""
        try:
            with engine_heard("the host could not be asked"):
                done = self._container.exec_run(["python3", "-m", "ground", "ask", PLACE, request], stderr=False)
        except StackFailed as error:
            raise CouldNotLook(error.fact, hint=error.hint) from error
        said: bytes = done.output
        return said.decode(errors="replace")

    def log(self) -> str:
        """The end of what the ground itself said."""
        with suppress(StackFailed), engine_heard("the host's log"):
            said: bytes = self._container.logs(tail=LAST_LINES)
            return said.decode(errors="replace")
        return ""

    def remove(self) -> None:
        """The container is gone."""
        with suppress(StackFailed), engine_heard("the host could not be removed"):
            self._container.remove(force=True, v=True)
        self._client.close()

    def _listens(self) -> bool:
        """Whether the ground answers; an empty request is one it cannot do, and says so."""
        return '"failed"' in self.answer("{}") and "does not answer" not in self.answer("{}")
