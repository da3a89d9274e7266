"""Where a deployment's files state addresses of databases and caches, and which services they put up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import ComposeFiles, EnvironmentFiles, Manifests, Node, Purpose, Service
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.secrets_env.urls import Address, addresses_in

POSTGRES_IMAGE = re.compile(r"(^|/)(postgres|postgresql|postgis|timescaledb|pgvector)(:|@|$)")
REDIS_IMAGE = re.compile(r"(^|/)(redis|valkey)(:|@|$)")


DEFAULT_CONNECTIONS = 100
"""What PostgreSQL takes where nobody sets max_connections (manual, 20.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So much of something, what it is called, and where it is stated."""

    number: int
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An address, the name of the variable that states it, and where."""

    name: str
    address: Address
    spot: Spot


def environment_of(service: Service) -> Iterator[tuple[str, str, Spot]]:
    """The variables that compose itself gives a service, in either syntax."""
    node = service.node["environment"]
    for name in node.keys:
        yield name, node[name].text, node[name].spot
    for item in node.items:
        name, told, value = item.text.partition("=")
        yield name, value if told else f"${name}", item.spot  # a name alone is taken from outside


def variables_of(manifests: Manifests | None) -> Iterator[tuple[str, str, Spot]]:
    """The variables that manifests state: data of ConfigMaps, stringData of Secrets, env of containers."""
    for document in manifests.for_production().documents if manifests else ():
        kind = document.root["kind"].text
        for table in ("data", "stringData") if kind in ("ConfigMap", "Secret") else ():
            for name in document.root[table].keys:
                hidden = kind == "Secret" and table == "data"
                yield name, "" if hidden else document.root[table][name].text, document.root[table][name].spot
        for node in document.root.walk():
            for entry in node["env"].items:
                yield entry["name"].text, entry["value"].text, entry.spot


def addresses(
    environment: EnvironmentFiles | None, compose: ComposeFiles | None, manifests: Manifests | None
) -> Iterator[Stated]:
    """Every address for production, of examples too: a template's gap says where it leads as well."""
    for variable in environment.variables if environment else ():
        if variable.source.purpose in (Purpose.PRODUCTION, Purpose.EXAMPLE):
            for where in addresses_in(variable.value):
                yield Stated(name=variable.name, address=where, spot=variable.spot)
    for service in services_of(compose) if compose else ():
        for name, value, spot in environment_of(service):
            if service.document.source.purpose is Purpose.PRODUCTION:
                for where in addresses_in(value):
                    yield Stated(name=name, address=where, spot=spot)
    for name, value, spot in variables_of(manifests):
        for where in addresses_in(value):
            yield Stated(name=name, address=where, spot=spot)


def services_with(compose: ComposeFiles | None, image: re.Pattern[str]) -> list[Service]:
    """The services for production that run such an image."""
    return [s for s in services_of(compose) if image.search(s.node["image"].text)] if compose else []


def command_of(service: Service) -> str:
    """What a service is started with, as one line."""
    node: Node = service.node["command"]
    return " ".join(node.texts)


def homes_of(compose: ComposeFiles | None) -> frozenset[str]:
    """The folders of compose projects: in a folder of many, each is a world of its own."""
    return (
        frozenset(_home(source.name) for source in compose.sources if not source.fragment) if compose else frozenset()
    )


def project_of(file: str, homes: frozenset[str]) -> str:
    """The folder of the compose project that a file belongs to."""
    return max((home for home in homes if not home or file.startswith(f"{home}/")), key=len, default="")


def _home(name: str) -> str:
    """The folder that a compose file is for; one called compose is for the folder around it."""
    folder = name.rpartition("/")[0]
    return folder.rpartition("/")[0] if folder.rpartition("/")[2] in ("compose", "docker", ".docker") else folder


def flags_of(service: Service) -> dict[str, str]:
    """PostgreSQL's settings that a service's command states: `-c name=value`."""
    return dict(re.findall(r"(?:-c\s*|--)([A-Za-z_]\w*)=(\S+)", command_of(service)))
