"""That ports agree: container, health check, image, URL, edge and scrape target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import (
    ComposeFiles,
    Dockerfiles,
    Kind,
    MonitoringFiles,
    NginxFiles,
    NginxTree,
    Node,
    Service,
)
from plimsoll.observations.artefacts.nginx import spot as spot_of
from plimsoll.rules.agreement.addresses import (
    LOCAL,
    URL,
    Claim,
    Town,
    agrees,
    exposed_by,
    is_name,
    listed,
    number,
    own_ports,
)

__all__ = ["container_ports_agree", "image_ports_agree", "scrape_targets_agree", "upstreams_agree", "urls_agree"]

HOSTS = ("PGHOST", "_HOST")
"""How variables end that name a host."""


def container_ports_agree(promise: Promise, compose: ComposeFiles, dockerfiles: Dockerfiles | None) -> Finding:
    """A service is published at, and its health check asks, a port that it listens on."""
    town = Town.of(compose, dockerfiles)
    looked, holes = list[str](), list[Hole]()
    for service in town.services:
        claims = town.listens(service)
        for port, spot, what in _asked(service, claims) if claims else ():
            looked.append(f"{spot}: {service.name} {port}")
            if not agrees(port, claims):
                holes.append(
                    Hole(
                        spot=spot,
                        what=f"{what} of {service.name} is {port}, and {listed(claims)}",
                        fix=str(claims[0].port),
                        beside=(claims[0].spot,),
                    )
                )
    return promise.judged(
        holes, looked=looked, expected="ports that somebody listens on", nothing="nothing says where a service listens"
    )


def image_ports_agree(promise: Promise, dockerfiles: Dockerfiles) -> Finding:
    """An image's health check asks the port that the image exposes."""
    looked, holes = list[str](), list[Hole]()
    for recipe in dockerfiles.meant():
        check, claims = recipe.inherited(recipe.final, "HEALTHCHECK"), tuple(exposed_by(recipe))
        for port in own_ports(" ".join(check.words)) if check and claims else ():
            assert check is not None  # noqa: S101 - there is no port without a check
            looked.append(f"{check.spot}: {port}")
            if not agrees(port, claims):
                what = f"the image's health check asks port {port}, and {listed(claims)}"
                holes.append(Hole(spot=check.spot, what=what, fix=str(claims[0].port), beside=(claims[0].spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="health checks of the port exposed",
        nothing="no image checks a port that it exposes",
    )


def urls_agree(promise: Promise, compose: ComposeFiles, dockerfiles: Dockerfiles | None) -> Finding:
    """What a service is told to reach is another one that is there, on a network of both, at a port it listens on."""
    town = Town.of(compose, dockerfiles)
    looked, holes = list[str](), list[Hole]()
    for service in town.services:
        if not service.whole:
            continue
        for host, port, spot in _told(service):
            looked.append(f"{spot}: {service.name} -> {host}")
            holes += _meeting(town, service, host, port, spot)
    return promise.judged(
        holes, looked=looked, expected="neighbours that are there", nothing="no service of a compose file names another"
    )


def scrape_targets_agree(
    promise: Promise, compose: ComposeFiles, monitoring: MonitoringFiles, dockerfiles: Dockerfiles | None
) -> Finding:
    """What Prometheus scrapes is a service that is there, at a port that it listens on."""
    town = Town.of(compose, dockerfiles)
    scrapers = [service for service in town.services if service.program == "prometheus"]
    looked, holes = list[str](), list[Hole]()
    for target in _targets(monitoring):
        host, _, port = target.text.rpartition(":")
        found = town.called(host, near=scrapers[0] if scrapers else None)
        if scrapers and (scrapers[0].on_host or host in _extra(scrapers[0])):
            outside = [
                Claim(port=each.port, spot=each.spot, how="it is published as")
                for service in found
                for each in service.ports
            ]
            looked += [f"{target.spot}: {target.text}"] if outside else []
            if outside and not agrees(number(port), outside):
                what = f"Prometheus, on the host's network, scrapes {target.text}, and {listed(outside)}"
                holes.append(Hole(spot=target.spot, what=what, fix=str(outside[0].port), beside=(outside[0].spot,)))
        elif found:
            looked.append(f"{target.spot}: {target.text}")
            holes += _closed(town, found[0], number(port), target.spot, f"Prometheus scrapes {target.text}")
        elif is_name(host) and scrapers and not town.knows(host):
            looked.append(f"{target.spot}: {target.text}")
            what = f"Prometheus scrapes {target.text}, and no service of compose is called {host}"
            holes.append(Hole(spot=target.spot, what=what, fix="the service's name", beside=(scrapers[0].node.spot,)))
    return promise.judged(
        holes, looked=looked, expected="targets that are there", nothing="Prometheus scrapes nothing that compose runs"
    )


def upstreams_agree(
    promise: Promise, compose: ComposeFiles, nginx: NginxFiles, dockerfiles: Dockerfiles | None
) -> Finding:
    """What nginx passes requests to is a service that is there, on a network of the edge, at a port it listens on."""
    town = Town.of(compose, dockerfiles)
    edges = [service for service in town.services if service.program == "nginx"]
    looked, holes = list[str](), list[Hole]()
    for tree in nginx.for_production() if edges else ():
        edge = next((each for each in edges if _mounts(each, tree)), edges[0])
        for directive, host, port in _passed(tree):
            if town.called(host, near=edge) or (_mounts(edge, tree) and (is_name(host) or host in LOCAL)):
                looked.append(f"{spot_of(directive)}: {host}:{port}")
                holes += _meeting(town, edge, host, port, spot_of(directive))
    return promise.judged(
        holes,
        looked=looked,
        expected="upstreams that are there",
        nothing="nginx passes nothing to a service of compose",
    )


def _targets(monitoring: MonitoringFiles) -> Iterator[Node]:
    """Every host and port that Prometheus is told to scrape."""
    for document in monitoring.for_production().of(Kind.PROMETHEUS):
        for job in document.root["scrape_configs"]:
            yield from (target for config in job["static_configs"] for target in config["targets"])


def _asked(service: Service, claims: Sequence[Claim]) -> Iterator[tuple[int, Spot, str]]:
    """The ports of itself that a service's own part of the file speaks of.

    Where one that is published is listened at, another may be a debugger's, of which nothing else tells.
    """
    test = service.node.at("healthcheck.test")
    for port in own_ports(" ".join(test.texts)):
        yield port, test.spot, "the health check"
    published = [p for p in service.ports if p.inside and not p.trouble and p.protocol == "tcp"]
    listened = [mapped for mapped in published if agrees(mapped.inside, claims)]
    for mapped in listened or published:
        yield mapped.inside, mapped.spot, "the published port"


def _told(service: Service) -> Iterator[tuple[str, int, Spot]]:
    """The hosts and ports that the variables of a service name; port 0 where none is said."""
    for name, value in service.environment.items():
        for url in URL.finditer(value.text):
            if is_name(url["host"]) or url["host"] in LOCAL:
                yield url["host"], number(url["port"] or ""), value.spot
        host, _, port = value.text.partition(":")
        if name.upper().endswith(HOSTS) and is_name(host) and URL.search(value.text) is None:
            yield host, number(port), value.spot


def _meeting(town: Town, asking: Service, host: str, port: int, spot: Spot) -> Iterator[Hole]:
    """What keeps one service from another one that it names."""
    if host in LOCAL:
        others = [s for s in town.services if s.document is asking.document and s.name != asking.name]
        meant = next((s for s in others if port and not s.on_host and port in [c.port for c in town.listens(s)]), None)
        own = [claim.port for claim in town.listens(asking)]
        if meant and not asking.on_host and port not in own:
            what = f"{asking.name} looks for {meant.name} at {host}:{port}, which in its container is itself"
            yield Hole(spot=spot, what=what, fix=f"{meant.name}:{port}", beside=(meant.node.spot,))
        return
    found = town.called(host, near=asking)
    if not found:
        if not town.knows(host) and host not in _extra(asking) and host not in _linked(asking) and not asking.on_host:
            what = f"{asking.name} is told to reach {host}, and no compose file has a service of that name"
            near = [s.node.spot for s in town.services if s.document is asking.document][:1]
            yield Hole(spot=spot, what=what, fix="the service's name", beside=tuple(near))
        return
    other = found[0]
    if asking.networks and other.networks and not set(asking.networks) & set(other.networks):
        here, there = ", ".join(asking.networks), ", ".join(other.networks)
        what = f"{asking.name} (on {here}) never reaches {host} (on {there}): they share no network"
        yield Hole(spot=spot, what=what, fix="a network of both", beside=(other.node["networks"].spot,))
    elif port:
        yield from _closed(town, other, port, spot, f"{asking.name} asks {host}:{port}")


def _closed(town: Town, service: Service, port: int, spot: Spot, what: str) -> Iterator[Hole]:
    claims = town.listens(service) or tuple(Claim(port=port, spot=at) for port, at, _ in _asked(service, ()))
    if port and not agrees(port, claims):
        beside = (claims[0].spot,)
        yield Hole(spot=spot, what=f"{what}, and {listed(claims)}", fix=str(claims[0].port), beside=beside)


def _passed(tree: NginxTree) -> Iterator[tuple[Directive, str, int]]:
    """Where nginx passes requests to, by the names of upstreams looked up."""
    blocks = {
        label.partition("#")[0].split()[-1] for each in tree.directives for label in each.context if _is_pool(label)
    }
    for directive in tree.directives:
        pooled = any(_is_pool(label) for label in directive.context)
        if not directive.arguments or directive.name not in (("server",) if pooled else ("proxy_pass", "grpc_pass")):
            continue
        text = directive.arguments[0].partition("://")[2] or directive.arguments[0]
        host, _, port = text.partition("/")[0].partition(":")
        if host not in blocks and not host.startswith(("unix", "$", "[")):
            yield directive, host, number(port)


def _is_pool(label: str) -> bool:
    return label.startswith("upstream ")


def _mounts(service: Service, tree: NginxTree) -> bool:
    """Whether the service has this very file mounted, as far as the names tell."""
    name = tree.source.name.rpartition("/")[2]
    return any(mount.source.rpartition("/")[2] == name for mount in service.mounts)


def _extra(service: Service) -> tuple[str, ...]:
    stated = service.node["extra_hosts"]
    return stated.keys or tuple(text.partition(":")[0].partition("=")[0] for text in stated.texts)


def _linked(service: Service) -> tuple[str, ...]:
    links = (*service.node["links"].texts, *service.node["external_links"].texts)
    return tuple(part for text in links for part in text.split(":"))
