"""That the objects of a cluster find each other: services their pods, probes their ports, hosts their services.

Whoever applies manifests may have other objects in the cluster already. So a name that leads nowhere is called wrong
only where the files beside it show objects of that kind, and no file has the one that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests, Node
from plimsoll.rules.kubernetes.objects import Object, Workload, objects_of, selects, texts_of, workloads_of

__all__ = [
    "ingress_backends_exist",
    "ingress_hosts_covered",
    "probe_ports_open",
    "service_ports_open",
    "services_find_pods",
    "workloads_select_their_pods",
]


def workloads_select_their_pods(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every workload selects by labels that its own pods have."""
    looked = [w for w in workloads_of(manifests, files=files) if w.node.at("spec.selector.matchLabels")]
    holes = [
        Hole(
            spot=wanted[key].spot,
            what=f"{each} selects {key}={wanted[key].text}, its pods {each.labels.get(key, 'nothing')}: it is refused",
            fix=f"{key}: {wanted[key].text} in the template's labels",
            beside=((own[key] or own or each.template).spot,),
        )
        for each in looked
        for wanted, own in [(each.node.at("spec.selector.matchLabels"), each.template.at("metadata.labels"))]
        for key in wanted.keys
        if each.template and wanted[key].text != each.labels.get(key)
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="selectors that are the template's labels",
        nothing="no manifest describes a workload with a selector",
    )


def services_find_pods(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every service selects pods that there are."""
    services, workloads = _parts(manifests, files)
    looked = [service for service in services if any(service.near(w) for w in workloads)]
    lonely = [w for w in workloads if w.labels and not any(_finds(service, w) for service in services)]
    holes: list[Hole] = []
    for service in looked:
        # A service may select pods of others' manifests; but if pods stand here that nobody selects, they are meant.
        meant = [w for w in lonely if w.serves and service.near(w)]
        if meant and not any(_finds(service, w) for w in workloads):
            selector = service.node.at("spec.selector")
            said = ", ".join(f"{key}={value}" for key, value in texts_of(selector).items())
            has = ", ".join(f"{key}={value}" for key, value in meant[0].labels.items())
            what = f"{service} selects {said}, which no pod has; those of {meant[0]} have {has}"
            labels = meant[0].template.at("metadata.labels").spot
            holes.append(Hole(spot=selector.spot, what=what, fix=f"selector: {has}", beside=(labels,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="selectors that are some pods' labels",
        nothing="no manifests describe a service and pods",
    )


def service_ports_open(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every service leads to a port that its pods state."""
    services, workloads = _parts(manifests, files)
    pairs = [(service, w) for service in services for w in workloads if service.near(w) and _finds(service, w)]
    holes: list[Hole] = []
    for service, workload in pairs:
        stated = {name: node for container in workload.containers for name, node in container.ports.items()}
        targets = [port["targetPort"] or port["port"] for port in service.node.at("spec.ports").items]
        # A pod need not state a port to serve it: where some are stated, the others may be served all the same.
        some = any(target.text in stated for target in targets)
        for target in targets:
            if stated and target.text not in stated and not (some and target.text.isdigit()):
                what = f"{service} leads to port {target.text}, {workload} states {' and '.join(stated)}"
                fix = f"targetPort: {next(iter(stated))}"
                spots = tuple(dict.fromkeys(node.spot for node in stated.values()))
                holes.append(Hole(spot=target.spot, what=what, fix=fix, beside=spots))
    return promise.judged(
        holes,
        looked=[f"{service.spot}: {service} -> {workload}" for service, workload in pairs],
        expected="services that lead to ports of their pods",
        nothing="no service selects pods that are shown",
    )


def probe_ports_open(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every probe asks a port that its container states."""
    looked: list[Node] = []
    holes: list[Hole] = []
    for container in (c for w in workloads_of(manifests, files=files) for c in w.containers):
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            port = container.node[name].at("httpGet.port") or container.node[name].at("tcpSocket.port")
            if not port or not container.ports:
                continue
            looked.append(port)
            if port.text not in container.ports:
                what = f"the {name} of {container} asks port {port.text}, it states {' and '.join(container.ports)}"
                spots = tuple(dict.fromkeys(node.spot for node in container.ports.values()))
                holes.append(Hole(spot=port.spot, what=what, fix=f"port: {next(iter(container.ports))}", beside=spots))
    return promise.judged(
        holes,
        looked=[f"{port.spot}: port {port.text}" for port in looked],
        expected="probes that ask ports of their containers",
        nothing="no probe asks a port of a container that states its own",
    )


def ingress_backends_exist(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every ingress leads to a service that there is, at a port that it has."""
    services = list(objects_of(manifests, "Service", files=files))
    looked: list[Node] = []
    holes: list[Hole] = []
    for ingress in objects_of(manifests, "Ingress", files=files):
        near = [service for service in services if service.near(ingress)]
        for backend in _backends(ingress) if near else ():
            looked.append(backend)
            name, port = backend["name"], backend.at("port.number") or backend.at("port.name")
            meant = [service for service in near if service.name == name.text]
            ports = meant[0].node.at("spec.ports") if meant else backend["-"]
            has = {text: p for p in ports.items for text in (p["port"].text, p["name"].text) if text}
            if not meant and any(service.name == name.text and service.meets(ingress) for service in services):
                continue
            if not meant:
                what = f"{ingress} leads to the service {name.text}, there is {' and '.join(s.name for s in near)}"
                holes.append(Hole(spot=name.spot, what=what, fix=f"name: {near[0].name}", beside=(near[0].spot,)))
            elif has and port and port.text not in has:
                what = f"{ingress} leads to port {port.text} of {meant[0]}, which has {' and '.join(has)}"
                holes.append(Hole(spot=port.spot, what=what, fix=f"port: {next(iter(has))}", beside=(ports.spot,)))
    return promise.judged(
        holes,
        looked=[f"{backend.spot}: {backend['name'].text}" for backend in looked],
        expected="backends that are services, at their ports",
        nothing="no manifests describe an ingress and services",
    )


def ingress_hosts_covered(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every host of an ingress has TLS if one of them has, and every host with TLS leads somewhere."""
    looked = [each for each in objects_of(manifests, "Ingress", files=files) if each.node.at("spec.tls").items]
    ruled = [r["host"] for i in objects_of(manifests, "Ingress", files=files) for r in i.node.at("spec.rules").items]
    led = {host.text for host in ruled}
    holes: list[Hole] = []
    for ingress in looked:
        tls, rules = ingress.node.at("spec.tls"), ingress.node.at("spec.rules")
        secured = [host for entry in tls.items for host in entry["hosts"].items]
        names = {host.text for host in secured}
        for host in (rule["host"] for rule in rules.items):
            if host and names and not _covered(host.text, names):
                what = f"{ingress} leads {host.text} somewhere, and no entry of its tls is for that host"
                fix = f"tls: hosts: [{host.text}]"
                holes.append(Hole(spot=host.spot, what=what, fix=fix, beside=(tls.spot,)))
        everywhere = ingress.node.at("spec.defaultBackend") or any(not rule["host"] for rule in rules.items)
        for host in secured:
            if not everywhere and host.text not in led and "*" not in host.text + "".join(led):
                what = f"{ingress} has TLS for {host.text}, and no rule leads that host anywhere: it answers 404"
                holes.append(Hole(spot=host.spot, what=what, fix=f"a rule for {host.text}", beside=(rules.spot,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="the same hosts under tls and rules",
        nothing="no manifest describes an ingress with TLS",
    )


def _parts(manifests: Manifests, files: str) -> tuple[list[Object], list[Workload]]:
    """The services that select, and the workloads."""
    services = [s for s in objects_of(manifests, "Service", files=files) if texts_of(s.node.at("spec.selector"))]
    return services, list(workloads_of(manifests, files=files))


def _finds(service: Object, workload: Workload) -> bool:
    return service.meets(workload) and selects(texts_of(service.node.at("spec.selector")), workload.labels)


def _backends(ingress: Object) -> Iterator[Node]:
    spec = ingress.node["spec"]
    everything = [spec["defaultBackend"]]
    everything += [path["backend"] for rule in spec["rules"].items for path in rule.at("http.paths").items]
    yield from (backend["service"] for backend in everything if backend.at("service.name"))


def _covered(host: str, names: set[str]) -> bool:
    """Whether a certificate's name is the host, or a wildcard for it (RFC 6125, 6.4.3: one label)."""
    return host in names or f"*.{host.partition('.')[2]}" in names
