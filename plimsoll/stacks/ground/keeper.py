"""The ground of one stack: laid when somebody first asks for it, as most runs never do."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Service
from plimsoll.stacks.ground.ground import RECIPE, Ground

Start = Callable[[Service], Callable[[str], str]]


class Keeper:
    """Lays the ground once, however many ask; `start` starts it for a service and gives what answers requests."""

    def __init__(self, deployment: Deployment, start: Start) -> None:
        self._deployment = deployment
        self._start = start
        self._laid: Ground | None = None
        self._refused: OutOfReach | None = None
        self._lock = Lock()

    def ground(self) -> Ground:
        """The ground, laid. Raises OutOfReach where there is none to be had, StackFailed when it does not start."""
        with self._lock:
            if self._refused is not None:
                raise self._refused
            if self._laid is None:
                try:
                    self._laid = self._lay()
                except OutOfReach as error:
                    self._refused = error
                    raise
            return self._laid

    def _lay(self) -> Ground:
        host = next((each for each in self._deployment.services.values() if each.recipe == RECIPE), None)
        if host is None or not host.config:
            raise OutOfReach(
                "the host's firewall is not among this deployment's artefacts",
                hint='[services.host] recipe = "host", config = "host/firewall.sh"',
            )
        if not self._deployment.zones:
            raise OutOfReach("this deployment names no zones", hint='[zones.internet] networks = ["0.0.0.0/0", "::/0"]')
        ground = Ground(self._deployment, host, self._start(host))
        ground.lay()
        return ground
