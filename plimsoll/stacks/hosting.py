"""What a host's operator does to the services of a stack that we started, whichever kind it is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from plimsoll.model import Service
from plimsoll.stacks.clocks import CLOCK
from plimsoll.stacks.environment import Surroundings
from plimsoll.stacks.materials import orders
from plimsoll.stacks.protocol import CommandResult, Inside


class Host(Protocol):
    """The machine that services run on, as its operator handles it: `Hosting` of one kind of stack, by services."""

    def inside(self, service: Service) -> Inside:
        """How programs run where the service's first replica runs."""

    def place(self, service: Service, path: str) -> str:
        """Where a path in the service's own machine is."""

    def reached(self, service: Service, port: int) -> tuple[str, int]:
        """Where that port of the service is for others."""

    def halt(self, service: Service) -> None:
        """Every replica has ended in good order."""

    def kill(self, service: Service, replica: int) -> None:
        """That replica (from 1; 0: every one) is dead at once."""

    def resume(self, service: Service) -> None:
        """Every replica runs again, ready or not."""

    def freeze(self, service: Service, replica: int) -> None:
        """That replica (from 1; 0: every one) stands still, and keeps its ports."""

    def thaw(self, service: Service) -> None:
        """Every replica goes on."""

    def lose(self, service: Service) -> None:
        """The service is dead and its data is gone."""

    def remake(self, service: Service) -> None:
        """The service runs in a new machine with the volumes of the old one."""

    def renew(self, service: Service, variables: Mapping[str, str], replica: int) -> None:
        """That replica (from 1; 0: all) has ended in good order, if it ran, and runs with these variables, too."""

    def reread(self, service: Service, *, test: bool) -> CommandResult:
        """What an edge's server said of its files as they are now, by which it serves unless in a `test`."""


class Hosted:
    """The part of a stack that is Hosting: it knows who is away, and waits for who comes back.

    A stack says what its host is, who its services are, and how a role that is back is waited for.
    """

    artefacts: Path

    def __init__(self) -> None:
        self._gone: set[str] = set()

    def inside(self, role: str) -> Inside:
        """How programs run where the role's first replica runs, also while the service itself is halted."""
        return self._host.inside(self._service(role))

    def place(self, role: str, path: str) -> str:
        """Where a path in the role's own machine is, for a program that is run inside it."""
        return self._host.place(self._service(role), path)

    def reached(self, role: str, port: int) -> tuple[str, int]:
        """Where that port of a role is for other services of the stack."""
        return self._host.reached(self._service(role), port)

    def halt(self, role: str) -> None:
        """Every replica of the role is stopped in good order, and its data is kept."""
        self._host.halt(self._service(role))
        self._gone.add(role)

    def kill(self, role: str, *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) is dead at once, and its data is what it left."""
        self._host.kill(self._service(role), replica)
        self._gone.add(role)

    def resume(self, role: str) -> None:
        """Every replica of the role runs again and is ready; the edge has forgotten that it was away."""
        self._host.resume(self._service(role))
        self._back(role)

    def revive(self, role: str) -> None:
        """Every replica of the role is started again, as by its engine: nobody waits for it, nor tells the edge."""
        self._host.resume(self._service(role))
        self._gone.discard(role)

    def freeze(self, role: str, *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) stands still: it accepts connections, and answers nothing."""
        self._host.freeze(self._service(role), replica)

    def thaw(self, role: str) -> None:
        """Every replica of the role goes on where it stood still."""
        self._host.thaw(self._service(role))

    def lose(self, role: str) -> None:
        """The role's service and all its data are gone, as with its disk; a resume begins with nothing in it."""
        self._host.lose(self._service(role))
        self._gone.add(role)

    def remake(self, role: str) -> None:
        """The role runs in a new machine with the data of the old one: what is not on a volume is lost."""
        self._host.remake(self._service(role))
        self._back(role)

    def release(self, role: str, variables: Mapping[str, str], *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) of the role is started anew, with these variables beside its own."""
        self._host.renew(self._service(role), variables, replica)
        self._gone.discard(role)

    def reread(self, role: str, folder: Path, *, test: bool = False) -> CommandResult:
        """What an edge's server said of its files as they are in that folder: it serves by them, unless in a `test`."""
        service = self._service(role)
        for name in (service.config, *service.files):
            here, there = folder / name, self.artefacts / name
            if here.is_dir():
                shutil.copytree(here, there, copy_function=shutil.copyfile, dirs_exist_ok=True)
            else:
                shutil.copyfile(here, there)  # into the same file: a container has that one mounted
        return self._host.reread(service, test=test)

    def certify(self, role: str, *, days: int) -> None:
        """An edge serves a fresh certificate that ends in so many days, or has ended so many ago; it was told to."""
        service = self._service(role)
        known = self._surroundings
        order = orders(known.deployment, known.settings)[role]
        known.materials.issue(role, replace(order, days=days))
        self._host.reread(service, test=False)

    @property
    def clock(self) -> Path:
        """The file here by which the application's first replica has a clock of its own, if there is one."""
        return self.uploads.with_name(CLOCK)

    @property
    def uploads(self) -> Path:
        """The folder here in which the application keeps uploads."""
        raise NotImplementedError

    def _back(self, role: str) -> None:
        self._gone.discard(role)
        self._returned(role)

    @property
    def _host(self) -> Host:
        raise NotImplementedError

    @property
    def _surroundings(self) -> Surroundings:
        raise NotImplementedError

    def _service(self, role: str) -> Service:
        """The service of that role. Raises OutOfReach for one that this stack does not run."""
        raise NotImplementedError

    def _returned(self, role: str) -> None:
        """Whoever is back is ready, and the edge has forgotten that it was away."""
        raise NotImplementedError
