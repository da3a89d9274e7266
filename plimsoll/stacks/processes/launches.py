"""What the processes of a stack are started with, and where on this machine everything is."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from plimsoll.model import Deployment, Service
from plimsoll.stacks.artefacts import digest
from plimsoll.stacks.containers.blueprints import Frame
from plimsoll.stacks.environment import Surroundings
from plimsoll.stacks.materials import Materials, leader
from plimsoll.stacks.processes.programs import LOOPBACK
from plimsoll.stacks.volumes import DATA, foreign_places, relocated


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One process. Two launches that are equal need no restart.

    `files` are written for it into its folder, by name there, for its eyes only; `reads` tells one state of the other
    files it reads from the next. Root starts it as nobody unless `as_us`. `ending` is the signal that ends it and all
    its children when it is to start again, `halting` the one that its leader ends in good order at.
    """

    name: str
    role: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    reads: str = ""
    as_us: bool = False
    ending: signal.Signals = signal.SIGKILL
    halting: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the services of one stack are: their folders, their ports by role and replica.

    `frames` is what the compose file says of each role; a `durable` one's database waits for the disk.
    """

    deployment: Deployment
    folder: Path
    artefacts: Path
    materials: Materials
    ports: Mapping[str, Sequence[Mapping[int, int]]]
    settings: Mapping[str, str] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    durable: bool = False

    @property
    def surroundings(self) -> Surroundings:
        """What the services go by."""
        return Surroundings(
            deployment=self.deployment,
            artefacts=self.artefacts,
            materials=self.materials,
            settings=self.settings,
            address=self.address,
            place=self.place,
            secrets=self.materials.folder,
            uploads=lambda _: str(self.uploads),
        )

    def address(self, role: str, port: int) -> tuple[str, int]:
        """Where the first replica of a role listens; where the deployment says, for one that does not run here."""
        return (LOOPBACK, self.ports[role][0][port]) if role in self.ports else (role, port)

    def home(self, role: str) -> Path:
        """The folder in which a role's processes work."""
        return self.folder / role

    @property
    def uploads(self) -> Path:
        """The folder in which every replica of an application keeps uploads."""
        return self.folder / "uploads"

    def machine(self, role: str) -> Path:
        """The folder that stands for the role's own machine: what lies there at a path lies below it here."""
        return self.home(role) / "machine"

    def inside(self, role: str, path: str) -> Path:
        """Where a path of the role's own machine is."""
        return self.machine(role) / path.lstrip("/")

    def data(self, service: Service) -> Path:
        """The folder with the data of a data service."""
        return self.inside(service.role, DATA[service.recipe])

    def volumes(self, service: Service) -> tuple[str, ...]:
        """The folders of the service's machine that outlive it: the compose file's volumes, its data without one."""
        frame = self.frames.get(service.role)
        if frame:
            return tuple(target for _, target in frame.volumes)
        return (DATA[service.recipe], *foreign_places(self.deployment, self.artefacts, service.role))

    def own(self, service: Service) -> tuple[str, ...]:
        """The paths of its machine that the service's configuration may name."""
        if service.recipe not in DATA:
            return ()
        known = foreign_places(self.deployment, self.artefacts, service.role)
        return tuple(dict.fromkeys((DATA[service.recipe], *self.volumes(service), *known)))

    def within(self, service: Service, text: str) -> str:
        """The text of a setting with the paths of the service's own machine where they lie here."""
        return relocated(text, self.own(service), self.machine(service.role))

    def account(self, service: Service) -> tuple[str, str, str]:
        """The user, the password and the database of a PostgreSQL service."""
        settings = leader(self.deployment, service).settings
        user, password = settings.get("user", "app"), self.materials.passwords[service.role]
        return user, password, settings.get("database", "app")

    def place(self, service: Service, inside: str) -> str:
        """Where a file inside the service's machine lies: its certificate in its folder, its files as artefacts."""
        for own in (service.certificate, service.key):
            if own and inside == own:
                return str(self.home(service.role) / Path(own).name)
        for artefact, prefix in service.files.items():
            if Path(inside).is_relative_to(prefix):
                return str(self.artefacts / artefact / Path(inside).relative_to(prefix))
        return self.within(service, inside)

    def reads(self, service: Service) -> str:
        """What tells one state of the service's files from the next."""
        return digest(self.artefacts, service.files)

    def upstreams(self) -> dict[str, list[str]]:
        """Each `role:port` with the addresses behind it here, one for every replica; `role-2:port` is the second's."""
        by_role = {
            (role, port): [f"{LOOPBACK}:{replica[port]}" for replica in replicas]
            for role, replicas in self.ports.items()
            for port in self.deployment.services[role].ports
        }
        single = {
            f"{role}-{number}:{port}": [place]
            for (role, port), places in by_role.items()
            for number, place in enumerate(places, start=1)
        }
        return single | {f"{role}:{port}": places for (role, port), places in by_role.items()}

    def alone(self, role: str) -> bool:
        """Whether replicas of the role have settings of their own."""
        return any(name.startswith(f"{role}/") for name in self.settings)

    def certificate(self, service: Service) -> dict[str, bytes]:
        """The service's certificate and key as files of its folder; none where it has none."""
        if not service.certificate:
            return {}
        return {
            Path(service.certificate).name: self.materials.certificate(service.role).read_bytes(),
            Path(service.key).name: self.materials.key(service.role).read_bytes(),
        }


class Recipe(Protocol):
    """How the services of one recipe run as processes."""

    @property
    def program(self) -> str:
        """What runs, as the report names it."""

    def launches(self, service: Service, site: Site) -> Sequence[Launch]:
        """What the service's processes are started with, as artefacts and settings are now."""
