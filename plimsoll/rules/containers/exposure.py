"""What compose files let others reach: published ports, and the networks between services."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Mapped, Service
from plimsoll.rules.containers.services import ADMINISTRATION, DATA, chosen, services_of

__all__ = ["data_services_apart", "data_services_unpublished", "edge_alone_published", "edge_not_bypassed"]

EDGES = ("nginx", "traefik", "caddy", "haproxy", "envoy", "httpd", "nginx-unprivileged", "nginx-proxy")
WEB = (80, 443)
LOCALLY = 'not at all, or for the host alone: "127.0.0.1:{port}:{inside}"'
"""What an engine publishes is passed on before the host's own rules for INPUT are asked (Docker: packet filtering)."""


def data_services_unpublished(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """No database, cache or console for administrators is published on all of the host's addresses."""
    services = [s for s in services_of(compose, files=files) if s.program in DATA or s.program in ADMINISTRATION]
    return promise.judged(
        [
            Hole(
                spot=port.spot,
                what=f"{service.name} ({service.program}) is published on every address, port {port.port or 'any'}, "
                "past the host's firewall",
                fix=LOCALLY.format(port=port.port, inside=port.inside),
            )
            for service in services
            for port in open_ports(service)
        ],
        looked=[service.where for service in services],
        expected="databases, caches and consoles that only their neighbours reach",
        nothing="no compose file runs a database, a cache or a console",
    )


def edge_not_bypassed(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """Where an edge publishes 80 or 443, what stands behind it is not published beside it."""
    services = list(services_of(compose, files=files))
    holes, looked = list[Hole](), list[str]()
    for edge in filter(is_edge, services):
        web = [port for port in open_ports(edge) if port.port in WEB]
        others = [
            s
            for s in services
            if s.document is edge.document and not is_edge(s) and s.program not in {**DATA, **ADMINISTRATION}
        ]
        if not web:
            continue
        looked.append(edge.where)
        holes += [
            Hole(
                spot=port.spot,
                what=f"{other.name} is published on every address, port {port.port or 'any'}: who asks there passes by "
                f"{edge.name}, its TLS, its limits and its headers",
                fix=LOCALLY.format(port=port.port, inside=port.inside),
                beside=(web[0].spot,),
            )
            for other in others
            for port in open_ports(other)
            if port.protocol == "tcp"
        ]
    return promise.judged(
        holes,
        looked=looked,
        expected="the edge is the only way in",
        nothing="no compose file publishes an edge",
    )


def data_services_apart(
    promise: Promise, compose: ComposeFiles, *, services: tuple[str, ...] = (), files: str = ""
) -> Finding:
    """No database or cache is on a network of the edge that the world reaches."""
    every = list(services_of(compose, files=files))
    data = [s for s in every if (s.name in services if services else s.program in DATA) and s.whole]
    holes = list[Hole]()
    looked = list[str]()
    for service in data:
        edges = [e for e in every if e.document is service.document and is_edge(e) and open_ports(e)]
        looked += [service.where] if edges else []
        for edge in edges:
            if shared := sorted(set(service.networks) & set(edge.networks)):
                holes.append(
                    Hole(
                        spot=service.node["networks"].spot,
                        what=f"{service.name} is on the network {shared[0]} of {edge.name}, which the world reaches",
                        fix="networks of its own for what keeps data; only the application is on both",
                        beside=(edge.node["networks"].spot,),
                    )
                )
                break
    return promise.judged(
        holes,
        looked=looked,
        expected="an edge that cannot reach the data",
        nothing="no compose file runs data beside an edge",
    )


def edge_alone_published(
    promise: Promise,
    compose: ComposeFiles,
    *,
    edge: str,
    ports: tuple[int, ...],
    front: str,
    behind: str,
    files: str = "",
) -> Finding:
    """The edge publishes these ports and nobody else any; it is on the network in front, all else on the one behind."""
    found, holes = chosen(compose, (edge,), files=files)
    for service in services_of(compose, files=files):
        published = list(open_ports(service))
        if service.name == edge:
            if sorted(port.port for port in published) != sorted(ports):
                said = ", ".join(str(port.port) for port in published) or "nothing"
                what = f"{edge} publishes {said}, not {', '.join(map(str, ports))}"
                holes.append(Hole(spot=service.node["ports"].spot, what=what, fix="ports"))
            if service.networks != (front,):
                what = f"{edge} is on {', '.join(service.networks) or 'no network'}, not on {front} alone"
                holes.append(Hole(spot=service.node["networks"].spot, what=what, fix=f"networks: [{front}]"))
            continue
        if published:
            what = f"{service.name} is published beside {edge}"
            holes.append(Hole(spot=published[0].spot, what=what, fix="reach it through the edge"))
        if behind not in service.networks:
            what = f"{service.name} is not on {behind}"
            holes.append(Hole(spot=service.node["networks"].spot, what=what, fix=f"networks: [{behind}]"))
    return promise.judged(
        holes,
        looked=[service.where for service in found],
        expected=f"{edge} alone published, on {front} alone; all else on {behind}",
    )


def open_ports(service: Service) -> Iterable[Mapped]:
    """What a service publishes on all of the host's addresses."""
    return [port for port in service.ports if not port.address and not port.trouble]


def is_edge(service: Service) -> bool:
    """Whether the service is known to be one that passes requests on."""
    return service.program in EDGES
