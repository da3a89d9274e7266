"""That what compose files refer to is there: services, networks, volumes, secrets, configs."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Node, Service

__all__ = ["compose_names_defined"]

SECTIONS = {"networks": "network", "secrets": "secret", "configs": "config"}
IMPLICIT = ("default",)


def compose_names_defined(promise: Promise, compose: ComposeFiles) -> Finding:
    """Every service, network, volume, secret and config that a service refers to is defined."""
    services = [service for service in compose.services() if service.whole]
    roots = [document.root for document in compose.for_production().documents]
    holes = [
        Hole(
            spot=spot,
            what=f"{service.name} refers to the {what} {name}, which no compose file defines: compose refuses the file",
            fix=f"{section}: {{ {name}: … }}",
            beside=(service.document.root[section].spot,) if service.document.root[section] else (service.node.spot,),
        )
        for service in services
        for section, what, name, spot in _references(service)
        if not any(name in root[section].keys for root in roots)
    ]
    return promise.judged(
        holes,
        looked=[service.where for service in services],
        expected="names that are defined",
        nothing="no compose file runs a service for production",
    )


def _references(service: Service) -> Iterator[tuple[str, str, str, Spot]]:
    """What a service refers to: the section it must stand in, its kind, its name, and where that is said."""
    for needed in service.dependencies:
        yield "services", "service", needed.name, needed.spot
    for mount in service.mounts:
        if mount.named:
            yield "volumes", "volume", mount.source, mount.spot
    for section, what in SECTIONS.items():
        for name, spot in _named(service.node[section]):
            if name and name not in IMPLICIT and "$" not in name:
                yield section, what, name, spot


def _named(node: Node) -> Iterator[tuple[str, Spot]]:
    if node.is_list:
        yield from ((each["source"].text if each.is_table else each.text, each.spot) for each in node)
    else:
        yield from ((name, node[name].spot) for name in node.keys)
