"""What a host's operator does, done to services that run as plain processes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.model import Service
from plimsoll.stacks.containers.blueprints import uploads_inside
from plimsoll.stacks.materials import leader
from plimsoll.stacks.processes.crew import Crew
from plimsoll.stacks.processes.data import furnish, make_cluster
from plimsoll.stacks.processes.postgres import Template
from plimsoll.stacks.processes.programs import LOOPBACK, dropping, plain_environment, program
from plimsoll.stacks.processes.standin import APPLICATION
from plimsoll.stacks.protocol import CommandResult, Inside
from plimsoll.stacks.volumes import DATA, empty, removed, uploads_are_lost

POSTGRES, REDIS = "postgres", "redis"
OURS = ("app", "worker", "identity", "grafana")
"""Recipes whose processes run as we do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHost:
    """This machine, as far as one stack's services are concerned; `clusters` are what lost ones begin anew with."""

    crew: Crew
    clusters: Mapping[str, Template]

    def inside(self, service: Service) -> Inside:
        """How programs run where the service runs: as its user, with its variables, its own programs first."""
        site, role = self.crew.site, service.role
        found = plain_environment() | {"HOME": str(site.machine(role))}
        if service.recipe == POSTGRES:
            user, password, database = site.account(service)
            found |= {
                "PATH": f"{Path(program(POSTGRES)).parent}{os.pathsep}{found['PATH']}",
                "PGHOST": LOOPBACK,
                "PGPORT": str(site.ports[role][0][service.ports[0]]),
                "PGUSER": user,
                "PGPASSWORD": password,
                "PGDATA": str(site.data(service)),
                "POSTGRES_USER": user,
                "POSTGRES_DB": database,
            }
        elif service.recipe == REDIS:
            config = site.surroundings.redis(service)
            found |= {
                "REDIS_HOST": LOOPBACK,
                "REDIS_PORT": str(site.ports[role][0][config.tls_port or config.plain_port]),
                "REDISCLI_AUTH": site.materials.passwords[role],
            }
        elif service.recipe in OURS:
            programs = (str(APPLICATION / "bin"), str(Path(sys.executable).parent), found["PATH"])
            found |= {"PATH": os.pathsep.join(programs), **site.surroundings.variables(service)}
            found["PYTHONPATH"] = str(APPLICATION)
        ports = site.ports[role][0]
        return Inside(words=() if service.recipe in OURS else dropping(), environment=found, ports=ports)

    def place(self, service: Service, path: str) -> str:
        """Where a path in the service's own machine is; the folder around it exists."""
        site = self.crew.site
        known = site.place(service, path)
        if known != path or not path.startswith("/"):
            return known
        kept = uploads_inside(site.frames.get(service.role))
        if service.recipe in OURS and Path(path).is_relative_to(kept):
            return str(site.uploads / Path(path).relative_to(kept))
        here = site.inside(service.role, path)
        here.parent.mkdir(parents=True, exist_ok=True)
        return str(here)

    def reached(self, service: Service, port: int) -> tuple[str, int]:
        """Where that port of the service is for others."""
        return self.crew.site.address(service.role, port)

    def halt(self, service: Service) -> None:
        """Every process of the service has ended in good order."""
        self.crew.halt(service)

    def kill(self, service: Service, replica: int) -> None:
        """That replica (from 1; 0: every one) is dead at once with all that it started."""
        if replica:
            self.crew.take_away(service, replica)
        else:
            self.crew.slay(service)

    def resume(self, service: Service) -> None:
        """Every process of the service runs."""
        self.crew.resume(service)

    def freeze(self, service: Service, replica: int) -> None:
        """The processes of that replica, or of every one, are stopped (SIGSTOP)."""
        self.crew.freeze(service, replica)

    def thaw(self, service: Service) -> None:
        """Every process of the service goes on (SIGCONT)."""
        self.crew.thaw(service)

    def lose(self, service: Service) -> None:
        """The service is dead, its data gone; that of a database is a cluster as new."""
        self.crew.slay(service)
        site = self.crew.site
        if service.recipe in DATA:
            shutil.rmtree(site.data(service), ignore_errors=True)
            self._begin(service)
        elif service.recipe in OURS:
            empty(site.uploads)

    def remake(self, service: Service) -> None:
        """The service runs anew, with nothing left of its machine but the volumes."""
        self.halt(service)
        site = self.crew.site
        if service.recipe in DATA:
            kept = [site.inside(service.role, inside) for inside in site.volumes(service)]
            for path in list(_beside(site.machine(service.role), kept)):
                removed(path)
            self._begin(service)
        elif uploads_are_lost(site.deployment, service, site.frames):
            empty(site.uploads)
        self.resume(service)

    def renew(self, service: Service, variables: Mapping[str, str], replica: int) -> None:
        """That replica (from 1; 0: every one) has ended in good order, and runs with these variables beside its own."""
        self.crew.renew(service, variables, replica)

    def reread(self, service: Service, *, test: bool) -> CommandResult:
        """What nginx said of its files as they are now, by which it serves unless in a `test`."""
        return self.crew.reread(service, test=test)

    def _begin(self, service: Service) -> None:
        """The machine has its folders, and a cluster if it is a database's and has none."""
        site = self.crew.site
        data = site.data(service)
        if service.recipe == POSTGRES and not (data.is_dir() and any(data.iterdir())):
            make_cluster(service, self.clusters[leader(site.deployment, service).role], site)
        else:
            furnish(service, site)


def _beside(folder: Path, kept: Sequence[Path]) -> Iterator[Path]:
    """What lies in the folder and neither in one of those to keep nor on the way there."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path in kept:
            continue
        if path.is_dir() and any(each.is_relative_to(path) for each in kept):
            yield from _beside(path, kept)
        else:
            yield path
