"""What each container of a deployment is started with. Pure: reads the deployment, asks no engine."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.errors import BadInput
from plimsoll.model import Deployment, Service
from plimsoll.stacks.environment import application_environment
from plimsoll.stacks.materials import Materials

FRONTEND = "frontend"
BACKEND = "backend"
"""The two networks: clients meet the edge in front, data stays behind. Only the application is on both."""

NETWORKS: Mapping[str, tuple[str, ...]] = {
    "nginx": (FRONTEND,),
    "app": (FRONTEND, BACKEND),
    "postgres": (BACKEND,),
    "redis": (BACKEND,),
}
PUBLISHED = ("nginx", "app")
"""The recipes whose ports are published on loopback; an internal network publishes nothing."""

ROLES = ("app", "postgres", "redis", "edge")
"""What a stack is made of, the slowest to become ready first."""

ENVIRONMENT_FILE = "/plimsoll-environment"
CONFIG = "/etc/nginx/nginx.conf"
LOGS = "/var/log/nginx"
SECRETS = "/run/secrets"
UPLOADS = "/uploads"

POSTGRES = ("postgres", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
"""The data is thrown away with the stack, so nothing waits for the disk."""

REDIS = (
    "sh",
    "-c",
    'printf "requirepass %s\\n" "$REDIS_PASSWORD" | exec redis-server - --protected-mode no --save "" --appendonly no',
)
"""The password comes by standard input: arguments can be read by anyone on the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """One container. An empty `command` is the image's own; one that `waits` starts without its program.

    `mounts` and `written` map paths here to paths inside, `scratch` are folders in memory that anyone may write to.
    `settings` are variables that can be exchanged while the container lives, `environment` those that cannot.
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

    @property
    def name(self) -> str:
        """The service's role, with a number where there are several of it."""
        return f"{self.service.role}-{self.number}" if self.service.replicas > 1 else self.service.role


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the containers of one stack are made from: its files, its secrets, its images by role, where logs go."""

    deployment: Deployment
    artefacts: Path
    materials: Materials
    images: Mapping[str, str]
    logs: Path

    def blueprints(self, settings: Mapping[str, str]) -> Iterator[Blueprint]:
        """Every container of the deployment, with those settings; raises BadInput for what containers do not know."""
        services = self.deployment.services
        if missing := [role for role in ROLES if role not in services]:
            raise BadInput(f"the deployment has no service {', '.join(missing)}", key="services")
        running = [service for service in services.values() if service.recipe != "host"]  # that one stands on a ground
        for service in sorted(running, key=lambda s: ROLES.index(s.role) if s.role in ROLES else len(ROLES)):
            if service.recipe not in NETWORKS:
                hint = f"known are {', '.join(NETWORKS)}"
                raise BadInput(f"no container knows {service.recipe!r}", key=f"services.{service.role}", hint=hint)
            for number in range(1, service.replicas + 1):
                yield self._blueprint(service, number, settings)

    def _blueprint(self, service: Service, number: int, settings: Mapping[str, str]) -> Blueprint:
        edge = service.recipe == "nginx"
        app = service.recipe == "app"
        return Blueprint(
            service=service,
            number=number,
            image=self.images[service.role],
            networks=NETWORKS[service.recipe],
            command={"postgres": POSTGRES, "redis": REDIS}.get(service.recipe, ()),
            environment=self._environment(service),
            settings=self._settings(settings) if app else {},
            mounts=dict(self._mounts(service)),
            written={self.logs / service.role: LOGS} if edge else {},
            scratch=(UPLOADS,) if app else (),
            published=service.ports if service.recipe in PUBLISHED else (),
            waits=edge,
        )

    def _environment(self, service: Service) -> Mapping[str, str]:
        if service.recipe == "redis":
            return {"REDIS_PASSWORD": self.materials.redis_password}
        if service.recipe == "postgres":
            return {
                "POSTGRES_USER": service.settings.get("user", "app"),
                "POSTGRES_DB": service.settings.get("database", "app"),
                "POSTGRES_PASSWORD": self.materials.database_password,
            }
        return {}

    def _settings(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        services = self.deployment.services
        return application_environment(
            self.deployment,
            self.artefacts,
            self.materials,
            database=("postgres", services["postgres"].ports[0]),
            redis=("redis", services["redis"].ports[0]),
            inside=Path(SECRETS),
            uploads=UPLOADS,
            settings=settings,
        )

    def _mounts(self, service: Service) -> Iterator[tuple[Path, str]]:
        """The artefacts and materials of a service, at the paths that the deployment says."""
        if service.config:
            yield self.artefacts / service.config, CONFIG
        for artefact, inside in service.files.items():
            yield self.artefacts / artefact, inside
        if service.certificate:
            yield self.materials.certificate, service.certificate
        if service.key:
            yield self.materials.key, service.key
        if service.recipe == "app":
            for file in (self.materials.jwt_private, self.materials.jwt_public, self.materials.admin_password):
                yield file, f"{SECRETS}/{file.name}"


def environment_script(settings: Mapping[str, str], *, forgotten: Mapping[str, str]) -> bytes:
    """Lines for a shell that set these variables and unset those of the `forgotten` that are not among them."""
    unset = "".join(f"unset {name}\n" for name in forgotten if name not in settings)
    return (unset + "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())).encode()
