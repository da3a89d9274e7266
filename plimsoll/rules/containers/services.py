"""The services of compose files, and what is known of the usual images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.observations.artefacts import ComposeFiles, Service

__all__ = ["Service", "services_of"]

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


def services_of(compose: ComposeFiles, *, files: str = "") -> Iterator[Service]:
    """Every service of the files whose names match a pattern; without one, of those for production."""
    return compose.services(files=files)


def runs_once(service: Service) -> bool:
    """Whether others wait for it to end: a migration, and no server."""
    stated = service.document.root["services"]
    waited = [stated[name].at(f"depends_on.{service.name}.condition").text for name in stated.keys]
    return ONCE in waited
