"""How the services of each recipe run in containers: one small class for each, and the order in which they start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plimsoll.model import Service
from plimsoll.stacks.artefacts import digest
from plimsoll.stacks.clocks import FILE, preloading
from plimsoll.stacks.configs.nginx import certificates
from plimsoll.stacks.containers.blueprints import BACKEND, FRONTEND, SECRETS, Blueprint, Site
from plimsoll.stacks.containers.frames import Plan
from plimsoll.stacks.containers.recipes import PREPARE_POSTGRES
from plimsoll.stacks.materials import leader

EDGE = "nginx"
ANYWHERE = "0.0.0.0"
CONFIG = "/etc/plimsoll/service.conf"
REDIS = "exec redis-server - <<END\n{passwords}\n$(cat {config})\nEND"
"""The password comes by standard input: arguments can be read by anyone on the machine."""

PGDATA = "/var/lib/postgresql/data"
OWN_KEY = "/tmp/server.key"  # noqa: S108 - inside a container of its own
PREPARED = "/plimsoll-prepare"
HBA = "/etc/plimsoll/pg_hba.conf"
CLIENTS = "local all all trust\nlocal replication all trust\n"
CLIENTS += "host all all all scram-sha-256\nhost replication all all scram-sha-256\n"
"""Who may come in to a server that another one follows: images leave that one out."""

UNSYNCED = ("-c", "fsync=off", "-c", "full_page_writes=off")
"""The data is thrown away with the stack, so nothing waits for the disk."""

DURABLE = ("-c", "fsync=on", "-c", "full_page_writes=on")


class Part(Protocol):
    """How one recipe runs in containers."""

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """That replica (from 1) of the service, as artefacts and settings are now."""


class Edge:
    """nginx with the deployment's very files; it starts last, as it looks its upstreams up once."""

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """One container in front."""
        mounts = {site.artefacts / service.config: "/etc/nginx/nginx.conf", **site.files(service)}
        mounted = set(mounts.values())
        for inside, here in certificates(service, site.artefacts, site.materials).items():
            if inside not in mounted:
                mounts[site.linked(here, f"{service.role}{inside.replace('/', '-')}")] = inside
        return Blueprint(
            service=service,
            number=number,
            image=site.images[service.role],
            networks=(FRONTEND,),
            mounts=mounts,
            written={site.logs / service.role: "/var/log/nginx"},
            published=service.ports,
            waits=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """One part of the stand-in application, by its subcommand; an image of the deployment's own has its own command."""

    command: tuple[str, ...]

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """One container for every replica."""
        materials, listening = site.materials, ("--host", ANYWHERE) if service.ports else ()
        ports = (word for port in service.ports for word in ("--port", str(port)))
        secrets = (materials.jwt_private, materials.jwt_public, materials.admin_password, materials.authority)
        variables = site.surroundings.variables(service, number=number)
        mounts = {**site.files(service), **{file: f"{SECRETS}/{file.name}" for file in secrets}}
        mounts |= {Path(variables[FILE]): variables[FILE]} if FILE in variables else {}
        serving = (*preloading(variables), "python", "-m", "standin", *self.command, *listening, *ports)
        return Blueprint(
            service=service,
            number=number,
            image=site.images[service.role],
            networks=(FRONTEND, BACKEND),
            command=serving if site.is_ours(service) else (),
            settings=variables,
            mounts=mounts,
            written={site.uploads: site.uploads_inside(service.role)},
            published=service.ports,
            reads=_state(service, site) + digest(materials.folder, [materials.jwt_public.name]),
        )


class Redis:
    """Redis behind, with its password by standard input."""

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """One container."""
        told = site.frames[service.role].options if service.role in site.frames else ()
        config = site.surroundings.redis(service)
        said = "\n".join(f"{name} $REDIS_PASSWORD" for name in config.passwords)
        text = config.text(
            password="",
            bind="* -::*",
            folder="/data",
            ports={port: port for port in service.ports},
            place=lambda inside: inside,
            told=told,
            durable=site.durable,
        )
        return Blueprint(
            service=service,
            number=number,
            image=site.images[service.role],
            networks=(BACKEND,),
            command=("sh", "-c", REDIS.format(passwords=said, config=CONFIG)),
            environment={"REDIS_PASSWORD": site.materials.passwords[service.role]},
            mounts={site.written(f"{service.role}.conf", text): CONFIG, **site.files(service)},
            reads=_state(service, site) + repr(told),
        )


class Postgres:
    """PostgreSQL behind; a standby begins with a copy of the server that it follows."""

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """One container."""
        followed, config = leader(site.deployment, service), site.surroundings.postgres(service)
        environment = {
            "POSTGRES_USER": followed.settings.get("user", "app"),
            "POSTGRES_DB": followed.settings.get("database", "app"),
            "POSTGRES_PASSWORD": site.materials.passwords[service.role],
        }
        mounts, synced = site.files(service), DURABLE if site.durable else UNSYNCED
        command: tuple[str, ...] = ("postgres", "-p", str(service.ports[0]), *synced)
        if config.needed:
            places = {service.key: OWN_KEY} if service.key else {}
            text = config.text(
                base=f"{PGDATA}/postgresql.conf",
                place=lambda inside: places.get(inside, inside),
                more={"hba_file": HBA} if config.followed else {},
            )
            mounts |= {site.written(f"{service.role}.conf", text): CONFIG, PREPARE_POSTGRES: PREPARED}
            mounts |= {site.written("pg_hba.conf", CLIENTS): HBA} if config.followed else {}
            command = ("sh", PREPARED, *command[:3], "-c", f"config_file={CONFIG}", "-c", "listen_addresses=*")
            command += DURABLE if site.durable else ()
            environment |= {"PGDATA": PGDATA, "SERVER_KEY": service.key, "OWN_KEY": OWN_KEY}
        if followed is not service:
            environment |= {"FOLLOWS": followed.role, "FOLLOWS_PORT": str(followed.ports[0])}
        return Blueprint(
            service=service,
            number=number,
            image=site.images[service.role],
            networks=(BACKEND,),
            command=command,
            alone=config.needed,
            environment=environment,
            mounts=mounts,
            reads=_state(service, site),
        )


class Prometheus:
    """The real program, scraping the very addresses that the deployment's configuration names."""

    def blueprint(self, service: Service, number: int, site: Site) -> Blueprint:
        """One container."""
        config = "/etc/prometheus/prometheus.yml"
        options = (f"--config.file={config}", "--storage.tsdb.path=/prometheus")
        return Blueprint(
            service=service,
            number=number,
            image=site.images[service.role],
            networks=(FRONTEND, BACKEND),
            command=(*options, f"--web.listen-address={ANYWHERE}:{service.ports[0]}"),
            mounts={site.artefacts / service.config: config, **site.files(service)},
            published=service.ports,
            reads=_state(service, site),
        )


PARTS: Mapping[str, Part] = {
    "app": StandIn(command=("serve", "--migrate")),
    "worker": StandIn(command=("worker",)),
    "identity": StandIn(command=("identity",)),
    "grafana": StandIn(command=("grafana",)),
    "postgres": Postgres(),
    "redis": Redis(),
    "prometheus": Prometheus(),
    EDGE: Edge(),
}
"""By recipe, the slowest to become ready first. A recipe that is missing here is out of these stacks' reach."""


def runs(service: Service) -> bool:
    """Whether the service runs in containers of this kind."""
    return service.recipe in PARTS


def blueprints(site: Site, plan: Plan) -> Iterator[Blueprint]:
    """Every container of the deployment as its compose file has it run, in the order in which they start."""
    order = [*PARTS]
    services = filter(runs, site.deployment.services.values())
    for service in sorted(services, key=lambda service: order.index(service.recipe)):
        for number in range(1, plan.replicas(service.role, service.replicas) + 1):
            yield plan.framed(PARTS[service.recipe].blueprint(service, number, site))


def _state(service: Service, site: Site) -> str:
    """What tells one state of the files that the service starts with from the next."""
    files = [site.artefacts / name for name in (service.config, *service.files) if name]
    if service.certificate:
        files += [site.materials.certificate(service.role), site.materials.key(service.role)]
    return digest(Path("/"), map(str, files))
