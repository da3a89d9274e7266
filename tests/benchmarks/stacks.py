"""How long a stack takes to be ready, and its data to be clean."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from plimsoll.deployment import find, read_deployment
from plimsoll.labelled import LABEL
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks import make
from plimsoll.stacks.containers.blueprints import Blueprint, Site
from plimsoll.stacks.containers.engine import engine, prepare
from plimsoll.stacks.containers.frames import read_plan
from plimsoll.stacks.containers.images import images_for
from plimsoll.stacks.containers.parts import blueprints
from plimsoll.stacks.materials import make_materials, orders
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.wait import SYSTEM_CLOCK, pause

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.network import Network

BETWEEN_TESTS = 0.3
"""Seconds a short test takes between two restores."""

ORDER = ("postgres", "redis", "app", "edge")
"""One after another, each after what it depends on."""

FRESH_CLUSTER = """
export PGDATA=/tmp/fresh PATH=/usr/lib/postgresql/15/bin:$PATH
echo "$POSTGRES_PASSWORD" >/tmp/password
initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust >/dev/null
echo "host all all all scram-sha-256" >>$PGDATA/pg_hba.conf
pg_ctl -w start -o "-c listen_addresses=" >/dev/null
createdb --username="$POSTGRES_USER" --maintenance-db=postgres "$POSTGRES_DB"
pg_ctl -w stop >/dev/null
exec postgres -c listen_addresses='*'
"""
"""What the usual image does when its container starts for the first time."""


def processes_ready() -> float:
    """Seconds until NestMap is ready as plain processes."""
    return _ready("processes")


def containers_ready() -> float:
    """Seconds until NestMap is ready in containers, its images built."""
    return _ready("containers")


def clean_database() -> float:
    """Seconds until the data is what it was, after a short test."""
    deployment = read_deployment(find("nestmap"))
    with Run(new_run_id()) as run, ProcessesStack(deployment, run) as stack, stack.snapshot() as snapshot:
        pause(BETWEEN_TESTS)
        started = SYSTEM_CLOCK.monotonic()
        snapshot.restore()
        return SYSTEM_CLOCK.monotonic() - started


def testcontainers_ready() -> float:
    """Seconds until the same services are ready, started one after another by testcontainers with its defaults.

    The images are ours, but PostgreSQL makes its cluster when it starts, as the usual image does.
    """
    prepare()
    from testcontainers.core.network import Network  # noqa: PLC0415 - after prepare()

    deployment = read_deployment(find("nestmap"))
    client = engine()
    images = images_for(deployment.services.values(), client)
    client.close()
    with Run(new_run_id()) as run, ExitStack() as closing:
        (run.folder / "engine").touch()
        materials = make_materials(run.folder / "materials", deployment)
        for role, order in orders(deployment, {}).items():
            materials.issue(role, order)
        site = Site(
            deployment=deployment,
            artefacts=deployment.root,
            materials=materials,
            images={role: image.tag for role, image in images.items()},
            logs=run.folder / "logs",
            configs=run.folder / "configs",
            uploads=run.folder / "uploads",
        )
        ordered = sorted(
            blueprints(site, read_plan(deployment, deployment.root)), key=lambda b: ORDER.index(b.service.role)
        )
        started = SYSTEM_CLOCK.monotonic()
        network = closing.enter_context(Network(docker_network_kw={"labels": {LABEL: run.id}}))
        for blueprint in ordered:
            closing.enter_context(_container(blueprint, network, run, deployment.hosts[0]))
        return SYSTEM_CLOCK.monotonic() - started


def _ready(kind: str) -> float:
    with Run(new_run_id()) as run:
        stack = make(kind, read_deployment(find("nestmap")), run)
        started = SYSTEM_CLOCK.monotonic()
        with stack:
            return SYSTEM_CLOCK.monotonic() - started


def _container(blueprint: Blueprint, network: Network, run: Run, host: str) -> DockerContainer:
    """The service as testcontainers' documentation would have it: a container and its usual wait strategy."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - after prepare()
    from testcontainers.core.wait_strategies import HttpWaitStrategy, LogMessageWaitStrategy  # noqa: PLC0415 - likewise

    role = blueprint.service.role
    container = DockerContainer(blueprint.image).with_network(network).with_network_aliases(role)
    container.with_kwargs(labels={LABEL: run.id}).with_envs(**blueprint.environment, **blueprint.settings)
    if role == "postgres":
        container.with_kwargs(entrypoint=["/bin/sh", "-c", FRESH_CLUSTER])
        container.waiting_for(LogMessageWaitStrategy("database system is ready to accept connections", times=2))
    elif role == "redis":
        container.with_command([*blueprint.command]).waiting_for(LogMessageWaitStrategy("Ready to accept connections"))
    elif role == "app":
        container.with_exposed_ports(blueprint.service.ports[0])
        container.waiting_for(HttpWaitStrategy(blueprint.service.ports[0], "/ready").for_status_code(200))
    else:
        container.with_exposed_ports(*blueprint.service.ports)
        container.waiting_for(
            HttpWaitStrategy(443, "/ready").using_tls(insecure=True).with_header("Host", host).for_status_code(200)
        )
    for here, inside in blueprint.mounts.items():
        container.with_volume_mapping(str(here), inside)
    for folder in blueprint.scratch:
        container.with_tmpfs_mount(folder, "mode=1777")
    return container
