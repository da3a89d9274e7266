"""What a host's operator does, done to services that run in containers. Imported only once a stack starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.containers.blueprints import Site
from plimsoll.stacks.containers.fleet import Fleet, take_down
from plimsoll.stacks.containers.rereading import reread
from plimsoll.stacks.containers.units import Unit
from plimsoll.stacks.protocol import CommandResult, Inside
from plimsoll.stacks.volumes import DATA, empty, uploads_are_lost
from plimsoll.wait import NotReady, wait_until

REDIS, PASSWORD = "redis", "REDISCLI_AUTH"


FREEZE_SECONDS = 10.0
"""How long a container may take to stand still; on a busy machine the kernel's freezer gives up now and then."""

UNABLE = "unable to freeze"
NAMELESS = "host not found in upstream"
ENDING_SECONDS = 1.0
"""Until the engine says that a container has ended whose program has: it takes the name away before."""


def _frozen(unit: Unit) -> bool:
    """Whether the container stands still now: not, if the kernel did not get hold of all its processes in time."""
    try:
        unit.freeze()
    except StackFailed as error:
        if UNABLE not in error.fact:
            raise
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHost:
    """The machine that the containers of one stack are on. `site` tells what they are made from, as it is now."""

    fleet: Fleet
    site: Callable[[], Site]

    def inside(self, service: Service) -> Inside:
        """How programs run in the role's first container, which rests if it had ended."""
        unit = self.fleet.of(service.role)[0]
        if unit.has_ended():
            unit.rest()
        words, environment = ["docker", "exec", "-i"], {}
        if service.recipe == REDIS:  # by its name alone: arguments can be read by anyone on the machine
            words += ["-e", PASSWORD]
            environment[PASSWORD] = self.site().materials.passwords[service.role]
        return Inside(words=(*words, unit.own_name), environment=environment)

    def place(self, service: Service, path: str) -> str:  # noqa: ARG002 - other hosts have places of their own
        """The path itself: in containers everything is where the deployment says."""
        return path

    def reached(self, service: Service, port: int) -> tuple[str, int]:
        """Where that port of the service is for others."""
        return self.site().surroundings.address(service.role, port)

    def halt(self, service: Service) -> None:
        """Every program of the role has ended in good order; its containers keep their addresses."""
        for unit in self._living(service):
            unit.halt()

    def kill(self, service: Service, replica: int) -> None:
        """The programs of that replica, or of every one, are dead at once."""
        take_down(self._living(service, replica=replica))

    def resume(self, service: Service) -> None:
        """Every program of the role runs."""
        for unit in self.fleet.of(service.role):
            unit.bring_back()

    def freeze(self, service: Service, replica: int) -> None:
        """The engine pauses that container, or every one."""
        for unit in self._living(service, replica=replica):
            wait_until(partial(_frozen, unit), timeout=FREEZE_SECONDS, what=f"a {unit.name} that stands still")

    def thaw(self, service: Service) -> None:
        """Every container of the role that is paused goes on."""
        for unit in self.fleet.of(service.role):
            unit.thaw()

    def lose(self, service: Service) -> None:
        """The role's containers are gone with the volume of its data; new ones rest."""
        units = self.fleet.of(service.role)
        lost = {DATA.get(service.recipe, "")}
        for unit in units:
            gone = [name for name, inside in unit.named_volumes() if inside in lost]
            self._anew(unit, without=gone)
        if service.recipe not in DATA:
            empty(self.site().uploads)

    def remake(self, service: Service) -> None:
        """The role's containers are gone; new ones with the same volumes run."""
        for unit in self.fleet.of(service.role):
            self._anew(unit).wake()
        if uploads_are_lost(self.site().deployment, service, self.site().frames):
            empty(self.site().uploads)

    def renew(self, service: Service, variables: Mapping[str, str], replica: int) -> None:
        """The programs of that replica, or of every one, have ended in good order and run with these variables, too."""
        for unit in self._living(service, replica=replica):
            unit.halt()
        self.fleet.renew(service.role, variables, replica=replica)

    def reread(self, service: Service, *, test: bool) -> CommandResult:
        """What nginx said of its files as they are now, by which it serves unless in a `test`.

        A machine whose program has crashed keeps its name, which nginx wants to know when it reads its files.
        """
        self.fleet.rest_ended()
        said = self._reread(service, test=test)
        if said.code and NAMELESS in said.output:
            try:
                wait_until(self.fleet.rest_ended, timeout=ENDING_SECONDS, what="the end of a container")
            except NotReady:
                return said
            return self._reread(service, test=test)
        return said

    def _reread(self, service: Service, *, test: bool) -> CommandResult:
        unit = self.fleet.of(service.role)[0]
        return unit.run(["nginx", "-t"]) if test else reread(unit)

    def _anew(self, unit: Unit, *, without: Sequence[str] = ()) -> Unit:
        """A new container in the place of that one, whose program rests; these volumes begin empty."""
        made = self.fleet.replaced(unit, replace(unit.blueprint, waits=True), without=without)
        made.rested()
        return made

    def _living(self, service: Service, *, replica: int = 0) -> list[Unit]:
        return [unit for unit in self.fleet.of(service.role, replica=replica) if not unit.has_ended()]
