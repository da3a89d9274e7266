"""The services of compose files, and what is known of the usual images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Hole
from plimsoll.observations.artefacts import ComposeFiles, Service

__all__ = ["Service", "chosen", "runs_once", "seconds", "services_of"]

DATA: Mapping[str, int] = {
    "postgres": 5432,
    "postgis": 5432,
    "timescaledb": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongo": 27017,
    "redis": 6379,
    "valkey": 6379,
    "memcached": 11211,
    "elasticsearch": 9200,
    "rabbitmq": 5672,
}
"""Images that keep data, with the ports that they listen on unless they are told otherwise."""

ADMINISTRATION: Mapping[str, int] = {
    "prometheus": 9090,
    "grafana": 3000,
    "alertmanager": 9093,
    "pgadmin4": 80,
    "adminer": 8080,
    "phpmyadmin": 80,
    "redis-commander": 8081,
    "cadvisor": 8080,
    "node-exporter": 9100,
    "kibana": 5601,
}
"""Images that only administrators have business with."""

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "postgis": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "timescaledb": ("/var/lib/postgresql/data", "/home/postgres/pgdata/data"),
    "mysql": ("/var/lib/mysql",),
    "mariadb": ("/var/lib/mysql",),
    "mongo": ("/data/db",),
}
"""Where the images of databases keep what must not be lost (their pages on hub.docker.com)."""

ONCE = "service_completed_successfully"
JOB = re.compile(r"(^|[-_])(migrat\w*|init|seed|setup|backup|restore|jobs?|certbot|tests?)([-_]|$)", re.IGNORECASE)
"""What services are called that come to an end on purpose."""

UNITS = {"us": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(us|ms|s|m|h)")
WHOLE = re.compile(rf"(?:{PART.pattern})+")


def services_of(compose: ComposeFiles, *, files: str = "") -> Iterator[Service]:
    """Every service of the files whose names match a pattern; without one, of those for production."""
    return compose.services(files=files)


def runs_once(service: Service) -> bool:
    """Whether it comes to an end on purpose: its name says so, or others wait for that."""
    stated = service.document.root["services"]
    waited = [stated[name].at(f"depends_on.{service.name}.condition").text for name in stated.keys]
    return ONCE in waited or bool(JOB.search(service.name))


def chosen(compose: ComposeFiles, names: tuple[str, ...], *, files: str = "") -> tuple[list[Service], list[Hole]]:
    """The services of these names, and a hole for every name that is none's."""
    found = [service for service in services_of(compose, files=files) if service.name in names]
    known = {service.name for service in found}
    documents = (compose if files else compose.for_production()).of(files=files)
    holes = [
        Hole(spot=documents[0].root["services"].spot, what=f"there is no service {name}", fix=f"services: {name}: …")
        for name in names
        if name not in known and documents
    ]
    return found, holes


def seconds(text: str) -> float | None:
    """The seconds of a duration such as `1m30s` or `500ms`; None if it is none."""
    if not text or not WHOLE.fullmatch(text):
        return None
    return sum(float(figure) * UNITS[unit] for figure, unit in PART.findall(text))
