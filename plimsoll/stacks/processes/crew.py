"""All processes of one stack: each service started as its recipe says, taken away, brought back, exchanged."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from plimsoll.errors import NotTaken, OutOfReach
from plimsoll.model import Service
from plimsoll.stacks.containers.frames import read_plan
from plimsoll.stacks.materials import orders, renew
from plimsoll.stacks.processes import replicas
from plimsoll.stacks.processes.children import Children
from plimsoll.stacks.processes.data import furnish
from plimsoll.stacks.processes.edge import LocalEdge
from plimsoll.stacks.processes.launches import Launch, Site
from plimsoll.stacks.processes.programs import family, plain_environment, unprivileged
from plimsoll.stacks.processes.recipes import RECIPES, edges, started
from plimsoll.stacks.protocol import CommandResult
from plimsoll.stacks.volumes import DATA


class Crew:
    """The processes of a site, as its artefacts and these settings want them."""

    def __init__(self, site: Site, children: Children) -> None:
        self.site = site
        self._children = children
        self._given: dict[str, frozenset[str]] = {}
        self._edges = [LocalEdge(service=each, site=site, children=children) for each in edges(site.deployment)]

    def start(self, pool: ThreadPoolExecutor, unpacked: Mapping[str, Future[None]]) -> None:
        """Every process runs. Each waits for what it needs, which is made meanwhile: clusters, certificates."""
        wanted = orders(self.site.deployment, self.site.settings)
        early = [service for service in started(self.site.deployment) if not service.certificate]
        for service in early:
            if service.role not in unpacked:
                self.keep(service)
        # Only now, as making keys keeps this process from starting others.
        issued = [pool.submit(self.site.materials.issue, role, order) for role, order in wanted.items()]
        for service in early:
            if service.role in unpacked:
                unpacked[service.role].result()
                self.keep(service)
        for done in [*issued, *unpacked.values()]:
            done.result()
        for service in started(self.site.deployment):
            if service not in early:
                self.keep(service)
        for edge in self._edges:
            edge.start()

    def exchange(self, settings: Mapping[str, str]) -> None:
        """Every process but the edges' runs as artefacts and settings are now; those that do already go on."""
        renew(self.site.materials, self.site.deployment, self.site.settings, settings)
        frames = read_plan(self.site.deployment, self.site.artefacts).frames
        self.site = replace(self.site, settings=settings, frames=frames)
        for service in reversed(started(self.site.deployment)):
            self.keep(service)

    def swap(self) -> None:
        """Every edge serves what the artefacts say now. Raises NotTaken with nginx's words if it refuses them."""
        for edge in self._edges:
            if not self._children.has(edge.service.role):
                continue
            tested = self.reread(edge.service)
            if tested.code:
                raise NotTaken(
                    f"nginx refuses the configuration: {tested.output.strip()}", hint="nginx -t says so before a reload"
                )

    def reread(self, service: Service, *, test: bool = False) -> CommandResult:
        """What nginx said of what the artefacts say now; it serves that, unless in a `test`, or if it refuses them."""
        (edge,) = (each for each in self._edges if each.service is service)
        edge.render()
        tested = self.run(service.role, ["nginx", "-t"])
        if not tested.code and not test:
            edge.reload()
        return tested

    def renew(self, service: Service, variables: Mapping[str, str], replica: int) -> None:
        """That replica (from 1; 0: every one) has ended in good order, and runs with these variables beside its own.

        Those that it was given before are gone. Raises OutOfReach for one of several that are one process.
        """
        if replica and service.replicas > 1 and not self.site.alone(service.role):
            raise OutOfReach(f"the replicas of {service.role} are one process here: all of them run one release")
        whose = f"{service.role}/{replica}" if replica else service.role
        own = {f"{whose}.{name}": value for name, value in variables.items()}
        names = self._names(service)
        self._children.halt(*(names[replica - 1 : replica] if replica else names))
        settings = {name: value for name, value in self.site.settings.items() if name not in self._given.get(whose, ())}
        self._given[whose] = frozenset(own) - frozenset(settings)
        self.site = replace(self.site, settings={**settings, **own})
        self.keep(service)

    def keep(self, service: Service) -> None:
        """The service's processes run, started with what artefacts and settings say now; those that do already stay."""
        if service.recipe in DATA:
            furnish(service, self.site)
        missing = [launch for launch in self._launches(service) if not self._children.runs(launch)]
        self._children.stop(*(launch.name for launch in missing))
        for launch in missing:
            self._children.start(launch)

    def take_away(self, service: Service, replica: int) -> None:
        """That replica (from 1; 0: every one) of the service is dead. Raises OutOfReach when there is no such one."""
        if not 0 <= replica <= service.replicas:
            raise OutOfReach(f"{service.role} has {service.replicas} replicas, and no replica {replica}")
        if forked := self._forked(service, replica):
            replicas.take_away(self._children.pid(service.role), forked)
        else:
            names = self._names(service)
            self._children.stop(*(names[replica - 1 : replica] if replica else names))

    def bring_back(self, service: Service, replica: int) -> None:
        """What was taken away runs again."""
        if forked := self._forked(service, replica):
            replicas.bring_back(self._children.pid(service.role), forked)
        self.keep(service)
        for edge in self._edges:
            if edge.service is service:
                edge.start()

    def halt(self, service: Service) -> None:
        """Every process of the service has ended in good order."""
        self._children.halt(*self._names(service))

    def slay(self, service: Service) -> None:
        """Every process of the service is dead."""
        self._children.slay(*self._names(service))

    def freeze(self, service: Service, replica: int) -> None:
        """Every process of that replica (from 1; 0: every one) stands still, and its ports accept connections."""
        if forked := self._forked(service, replica):
            replicas.signal_all(self._children.pid(service.role), forked, signal.SIGSTOP)
        else:
            names = self._names(service)
            self._children.tell(signal.SIGSTOP, *(names[replica - 1 : replica] if replica else names))

    def thaw(self, service: Service) -> None:
        """Every process of the service goes on."""
        self._children.tell(signal.SIGCONT, *self._names(service))

    def resume(self, service: Service) -> None:
        """Every process of the service runs, also those that were taken away one by one."""
        for number in range(1, service.replicas + 1):
            if (forked := self._forked(service, number)) and self._children.has(service.role):
                replicas.bring_back(self._children.pid(service.role), forked)
        self.keep(service)
        for edge in self._edges:
            if edge.service is service and not self._children.has(service.role):
                edge.start()

    def processes(self, service: Service) -> list[int]:
        """Every process of the service that runs."""
        leaders = [self._children.pid(name) for name in self._names(service) if self._children.has(name)]
        return [pid for leader in leaders for pid in family(leader)]

    def _names(self, service: Service) -> list[str]:
        return [launch.name for launch in self._launches(service)] or [service.role]

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said: an edge's nginx of this stack's configuration, in the artefacts' own names."""
        hidden = [f"{self.site.folder}/"]
        for edge in self._edges:
            if edge.service.role == role and command[0] == "nginx":
                command = [*edge.command(), *command[1:]]
                hidden = [f"{edge.rendered}/", *hidden]
        done = subprocess.run(  # type: ignore[call-overload] # user, group and extra_groups
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.site.folder,
            env=plain_environment(),
            **unprivileged(),
        )
        output = done.stdout + done.stderr
        for prefix in hidden:
            output = output.replace(prefix, "")
        return CommandResult(code=done.returncode, output=output)

    def _launches(self, service: Service) -> Sequence[Launch]:
        """What the service's processes are started with now; an edge is its own business."""
        recipe = RECIPES.get(service.recipe)
        return recipe.launches(service, self.site) if recipe else ()

    def _forked(self, service: Service, replica: int) -> list[int]:
        """The ports of a replica that is one of several in the same process; none for any other."""
        alone = not replica or service.replicas == 1 or len(self._launches(service)) != 1
        return [] if alone else list(self.site.ports[service.role][replica - 1].values())
