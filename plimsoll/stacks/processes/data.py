"""PostgreSQL, Redis and Prometheus on loopback, with the deployment's own fragments of configuration."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from plimsoll.model import Service
from plimsoll.stacks.materials import leader
from plimsoll.stacks.processes.launches import Launch, Site
from plimsoll.stacks.processes.postgres import Template, copy_template
from plimsoll.stacks.processes.programs import LOOPBACK, give_away, program
from plimsoll.stacks.volumes import DATA

CONFIG = "plimsoll.conf"


DURABLE = ("-c", "fsync=on", "-c", "full_page_writes=on")
"""What PostgreSQL does unless it is told otherwise, as our clusters are."""


def furnish(service: Service, site: Site) -> None:
    """The service's machine has the folders that its image or its volumes give it; they are its server's."""
    missing = []
    for inside in ("/tmp", DATA[service.recipe], *site.volumes(service)):  # noqa: S108 - below a folder of the run
        folder = site.inside(service.role, inside)
        missing += [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    give_away(*(each for each in missing if each.is_relative_to(site.machine(service.role))))


def make_cluster(service: Service, made: Template, site: Site) -> None:
    """A copy of the cluster lies in the service's machine; that of a standby waits for what it is sent."""
    furnish(service, site)
    folder = site.data(service)
    if folder.exists():
        folder.rmdir()
    copy_template(made, folder)
    if service.settings.get("follows"):
        standby = folder / "standby.signal"
        standby.touch()
        give_away(standby)


class Redis:
    """Redis with its password in a file that nobody else may read."""

    program = "redis-server"

    def launches(self, service: Service, site: Site) -> Sequence[Launch]:
        """One process."""
        folder = site.home(service.role)
        text = site.surroundings.redis(service).text(
            password=site.materials.passwords[service.role],
            bind=LOOPBACK,
            folder=str(site.data(service)),
            ports=site.ports[service.role][0],
            place=lambda inside: site.place(service, inside),
            told=site.frames[service.role].options if service.role in site.frames else (),
            durable=site.durable,
        )
        return [
            Launch(
                name=service.role,
                role=service.role,
                command=(program("redis-server"), str(folder / CONFIG)),
                folder=folder,
                files={CONFIG: text.encode(), **site.certificate(service)},
                reads=site.reads(service),
            )
        ]


class Postgres:
    """PostgreSQL on a copy of a cluster made once per machine.

    A standby begins with the same copy as the one it follows, and from there on receives all that happens to that one.
    """

    program = "postgres"

    def launches(self, service: Service, site: Site) -> Sequence[Launch]:
        """One process, which starts others."""
        folder, config = site.home(service.role), site.surroundings.postgres(service)
        port = site.ports[service.role][0][service.ports[0]]
        command = [program("postgres"), "-D", str(site.data(service)), "-p", str(port)]
        command += ["-c", f"listen_addresses={LOOPBACK}", *(DURABLE if site.durable else ())]
        files = site.certificate(service)
        if config.needed:
            command += ["-c", f"config_file={folder / CONFIG}"]
            text = config.text(
                base=str(site.data(service) / "postgresql.conf"),
                place=lambda inside: site.place(service, inside),
                more=self._following(service, site),
                within=lambda value: site.within(service, value),
            )
            files[CONFIG] = text.encode()
        return [
            Launch(
                name=service.role,
                role=service.role,
                command=tuple(command),
                folder=folder,
                files=files,
                reads=site.reads(service),
                # Its processes lead sessions of their own, and a new server waits for the last of the old ones. This
                # signal ends them all at once, without a word to the disk.
                ending=signal.SIGQUIT,
                halting=signal.SIGINT,  # as the official image's STOPSIGNAL: clients are sent away, not waited for
            )
        ]

    def _following(self, service: Service, site: Site) -> dict[str, str]:
        """Where a standby receives from."""
        if not service.settings.get("follows"):
            return {}
        followed = leader(site.deployment, service)
        host, port = site.surroundings.address(followed.role, followed.ports[0])
        user, password = followed.settings.get("user", "app"), site.materials.passwords[followed.role]
        words = {"host": host, "port": str(port), "user": user, "password": password}
        words["application_name"] = service.role
        return {"primary_conninfo": " ".join(f"{name}={value}" for name, value in words.items())}


class Prometheus:
    """The real program, scraping what the deployment's configuration names."""

    program = "prometheus"

    def launches(self, service: Service, site: Site) -> Sequence[Launch]:
        """One process. Rules that the configuration includes stand beside it, by the names they have inside."""
        folder = site.home(service.role)
        text = site.surroundings.moved(site.surroundings.text(service))
        for artefact, inside in service.files.items():
            text = text.replace(inside, str(site.artefacts / artefact))
        listen = f"{LOOPBACK}:{site.ports[service.role][0][service.ports[0]]}"
        return [
            Launch(
                name=service.role,
                role=service.role,
                command=(
                    program("prometheus"),
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address={listen}",
                ),
                folder=folder,
                files={"prometheus.yml": text.encode()},
                reads=site.reads(service),
            )
        ]
