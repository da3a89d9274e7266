"""What a container is started with, and what is known of the stack when that is written down. Asks no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.model import Deployment, Service
from plimsoll.stacks.environment import Surroundings
from plimsoll.stacks.materials import Materials

FRONTEND = "frontend"
BACKEND = "backend"
"""The two networks: clients meet the edge in front, data stays behind. What the edge passes requests to is on both."""

SECRETS = "/run/secrets"
UPLOADS = "/uploads"
NANO = 1_000_000_000
"""The engine counts billionths of a processor."""

OURS = "plimsoll/"
"""How the tags of images begin that were built here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a compose file says of a container, whatever its program: who it is, what it may take, whom it meets.

    `user` is a number or "", `memory` are bytes and `cpus` processors, 0 without a limit; `volumes` are names and the
    paths inside that they are mounted at, `options` a server's own.
    """

    user: str = ""
    memory: int = 0
    cpus: float = 0.0
    networks: tuple[str, ...] = ()
    replicas: int = 1
    volumes: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def limits(self) -> dict[str, str | int]:
        """Who the container runs as and what it may take, as the engine's library calls it."""
        said: dict[str, str | int] = {"user": self.user, "mem_limit": self.memory, "nano_cpus": int(self.cpus * NANO)}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """One container. An empty `command` is the image's own; one that `waits` starts without its program.

    A command that stands `alone` comes in the place of the image's own entrypoint, and may call it.

    `mounts` and `written` map paths here to paths inside, `scratch` are folders in memory that anyone may write to.
    `settings` are variables that can be exchanged while the container lives, `environment` those that cannot.
    `reads` tells one state of the files its program reads when it starts from the next.
    """

    service: Service
    number: int
    image: str
    networks: tuple[str, ...]
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[Path, str] = field(default_factory=dict)
    written: Mapping[Path, str] = field(default_factory=dict)
    scratch: tuple[str, ...] = ()
    published: tuple[int, ...] = ()
    waits: bool = False
    alone: bool = False
    reads: str = ""
    frame: Frame = field(default_factory=Frame)

    @property
    def volumes(self) -> tuple[tuple[str, str], ...]:
        """The volumes that are mounted: none where a folder of ours is."""
        return tuple((name, inside) for name, inside in self.frame.volumes if inside not in self.written.values())

    @property
    def name(self) -> str:
        """The service's role, with a number where there are several of it."""
        return f"{self.service.role}-{self.number}" if self.service.replicas > 1 else self.service.role


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the containers of one stack are made from.

    Its files, its secrets, its images by role, where logs go, a folder for configurations, a mutant's settings, what
    the compose file says of each role, and the folder of uploads; a `durable` one's database waits for the disk.
    """

    deployment: Deployment
    artefacts: Path
    materials: Materials
    images: Mapping[str, str]
    logs: Path
    configs: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    uploads: Path
    durable: bool = False

    @property
    def surroundings(self) -> Surroundings:
        """What the services go by: in containers everything is where the deployment says."""
        return Surroundings(
            deployment=self.deployment,
            artefacts=self.artefacts,
            materials=self.materials,
            settings=self.settings,
            address=lambda role, port: (role, port),
            place=lambda _, inside: inside,
            secrets=Path(SECRETS),
            uploads=self.uploads_inside,
        )

    def uploads_inside(self, role: str) -> str:
        """The path at which a role's containers have the folder of uploads: where its own volume of them would be."""
        return uploads_inside(self.frames.get(role))

    def is_ours(self, service: Service) -> bool:
        """Whether the service runs an image built here, whose program we know how to command."""
        return self.images[service.role].startswith(OURS)

    def written(self, name: str, text: str) -> Path:
        """A configuration's file, with that text; a container that has it mounted sees the text change."""
        self.configs.mkdir(exist_ok=True)
        file = self.configs / name
        file.write_text(text, encoding="utf-8")
        return file

    def linked(self, file: Path, name: str) -> Path:
        """The same file under another path: the engine mounts a path once only."""
        self.configs.mkdir(exist_ok=True)
        link = self.configs / name
        if not link.exists():
            link.hardlink_to(file)
        return link

    def files(self, service: Service) -> dict[Path, str]:
        """The service's artefacts and certificate, at the paths that the deployment says."""
        found = {self.artefacts / artefact: inside for artefact, inside in service.files.items()}
        if service.certificate:
            found[self.materials.certificate(service.role)] = service.certificate
            found[self.materials.key(service.role)] = service.key
        return found


def uploads_inside(frame: Frame | None) -> str:
    """The path at which an application keeps uploads in its own machine: the volume that is called so, if any is."""
    volumes = [target for _, target in frame.volumes] if frame else []
    return next((target for target in volumes if "uploads" in Path(target).parts), UPLOADS)
