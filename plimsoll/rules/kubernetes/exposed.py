"""What a cluster is promised to show: services, hosts, and how far it grows; and what its chart says of that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import containers_of, objects_of

__all__ = ["autoscaler_bounded", "chart_values", "cluster_version", "ingress_routes", "service_maps"]

VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}")


def service_maps(
    promise: Promise,
    manifests: Manifests,
    *,
    service: str,
    port: int,
    target: int,
    type: str = "ClusterIP",  # noqa: A002 - the word that manifests use
    files: str = "",
) -> Finding:
    """The service maps its port to the container's and is reachable as far as promised."""
    found = [each for each in objects_of(manifests, "Service", files=files) if each.name == service]
    named = {
        name: stated["containerPort"].text
        for container in containers_of(manifests, files=files)
        for name, stated in container.ports.items()
    }
    holes: list[Hole] = []
    for each in found:
        ports = each.node.at("spec.ports")
        mapped = {p["port"].text: (p["targetPort"] or p["port"]) for p in ports.items}
        leads = mapped.get(str(port))
        if leads is None:
            what = f"{each} has no port {port}, only {', '.join(mapped) or 'none'}"
            holes.append(Hole(spot=(ports or each).spot, what=what, fix=f"port: {port}"))
        elif named.get(leads.text, leads.text) != str(target):
            what = f"{each} maps {port} to {leads.text}, not to {target}"
            holes.append(Hole(spot=leads.spot, what=what, fix=f"targetPort: {target}"))
        kind = each.node.at("spec.type")
        if (kind.text or "ClusterIP") != type:
            what = f"{each} is of type {kind.text}, not {type}"
            holes.append(Hole(spot=(kind or each).spot, what=what, fix=f"type: {type}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in found],
        expected=f"{service}: {port} -> {target}, {type}",
        nothing=f"no manifest describes the service {service}",
    )


def ingress_routes(
    promise: Promise,
    manifests: Manifests,
    *,
    routes: Mapping[str, str],
    tls: bool = True,
    ingress_class: str = "",
    files: str = "",
) -> Finding:
    """Every promised host leads to its service, over TLS where that is promised, by the promised ingress class."""
    roots = [each.node["spec"] for each in objects_of(manifests, "Ingress", files=files)]
    shown = manifests if files else manifests.for_production()
    charts = [document.root["ingress"] for document in shown.of(Kind.HELM_VALUES, files=files)]
    specs = [*roots, *(chart for chart in charts if chart.is_table)]
    holes: list[Hole] = []
    for host, service in routes.items() if specs else ():
        rules = [rule for spec in specs for rule in _rules(spec) if rule["host"].text == host]
        led = [backend for rule in rules for backend in _backends(rule)]
        if not rules:
            what = f"no rule of an ingress speaks of {host}"
            holes.append(Hole(spot=specs[0].spot, what=what, fix=f"a rule for {host} to {service}"))
        elif service not in [node.text for node in led]:
            said = ", ".join(node.text for node in led) or "nothing"
            spot = (led[0] if led else rules[0]).spot
            holes.append(Hole(spot=spot, what=f"{host} leads to {said}, not to {service}", fix=f"service: {service}"))
    for spec in specs:
        secured = {host for entry in spec["tls"].items for host in entry["hosts"].texts}
        missing = [rule["host"] for rule in _rules(spec) if rule["host"].text in routes.keys() - secured]
        holes += [
            Hole(spot=bare.spot, what=f"no TLS for {bare.text}", fix=f"tls: hosts: [{bare.text}]")
            for bare in (missing if tls else ())
        ]
        stated = spec["ingressClassName"] or spec["className"]
        if ingress_class and stated.text != ingress_class:
            what = f"the ingress class is {stated.text or 'not said'}, not {ingress_class}"
            holes.append(Hole(spot=(stated or spec).spot, what=what, fix=f"ingressClassName: {ingress_class}"))
    return promise.judged(
        holes,
        looked=[f"{spec.spot}: an ingress" for spec in specs],
        expected=", ".join(f"{host} -> {service}" for host, service in routes.items()),
        nothing="no manifest describes an ingress",
    )


def autoscaler_bounded(
    promise: Promise,
    manifests: Manifests,
    *,
    workload: str,
    minimum: int,
    maximum: int,
    cpu: int = 0,
    memory: int = 0,
    files: str = "",
) -> Finding:
    """The workload's autoscaler stays within its bounds and reacts at the promised utilization (per cent)."""
    scalers = objects_of(manifests, "HorizontalPodAutoscaler", files=files)
    found = [each for each in scalers if each.node.at("spec.scaleTargetRef.name").text == workload]
    holes: list[Hole] = []
    for each in found:
        spec = each.node["spec"]
        levels = {
            metric.at("resource.name").text: metric.at("resource.target.averageUtilization")
            for metric in spec["metrics"].items
        }
        wanted = [("minReplicas", spec["minReplicas"], minimum), ("maxReplicas", spec["maxReplicas"], maximum)]
        wanted += [(name, levels.get(name, spec["-"]), level) for name, level in (("cpu", cpu), ("memory", memory))]
        for name, node, right in wanted:
            if right and node.text != str(right):
                what = f"{each}: {name} is {node.text or 'not said'}, not {right}"
                holes.append(Hole(spot=node.spot, what=what, fix=f"{name}: {right}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in found],
        expected=f"{minimum} to {maximum} replicas, CPU {cpu or '-'} %, memory {memory or '-'} %",
        nothing=f"no manifest describes an autoscaler for {workload}",
    )


def cluster_version(promise: Promise, manifests: Manifests, *, version: str, files: str = "*Chart.yaml") -> Finding:
    """The chart is one for Helm 3 and refuses clusters older than promised.

    Which versions run is for a look at the cluster; at rest the chart alone can say what it asks for.
    """
    charts = [document.root for document in manifests.of(files=files)]
    holes: list[Hole] = []
    for chart in charts:
        api, least = chart["apiVersion"], chart["kubeVersion"]
        if api.text != "v2":
            what = f"the chart's apiVersion is {api.text or 'not said'}: only v2 is Helm 3's"
            holes.append(Hole(spot=(api or chart).spot, what=what, fix="apiVersion: v2"))
        stated = VERSION.search(least.text)
        if not stated or _numbers(stated[0]) != _numbers(version) or ">=" not in least.text:
            what = f"the chart asks for Kubernetes {least.text or 'of any version'}, not >= {version}"
            holes.append(Hole(spot=(least or chart).spot, what=what, fix=f'kubeVersion: ">={version}.0-0"'))
    return promise.judged(
        holes,
        looked=[f"{chart.spot}: a chart" for chart in charts],
        expected=f"Kubernetes >= {version}, Helm 3",
        nothing="there is no chart",
    )


def chart_values(promise: Promise, manifests: Manifests, *, values: Mapping[str, str], files: str = "") -> Finding:
    """The chart's values say what is promised, key by key."""
    shown = manifests if files else manifests.for_production()
    charts = [document.root for document in shown.of(Kind.HELM_VALUES, files=files)]
    holes = [
        Hole(spot=node.spot, what=f"{path} is {node.text or 'not said'}, not {right}", fix=f"{path}: {right}")
        for chart in charts
        for path, right in values.items()
        for node in [chart.at(path)]
        if node.text != right
    ]
    return promise.judged(
        holes,
        looked=[f"{chart.spot}: values of a chart" for chart in charts],
        expected=", ".join(f"{path} = {right}" for path, right in values.items()),
        nothing="there are no values of a chart",
    )


def _rules(spec: Node) -> tuple[Node, ...]:
    """The rules of an ingress, and how charts call them."""
    return (spec["rules"] or spec["hosts"]).items


def _backends(rule: Node) -> Iterator[Node]:
    for path in (rule.at("http.paths") or rule["paths"]).items:
        backend = path.at("backend.service.name") or path["service"]
        if backend:
            yield backend


def _numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version: patches are nobody's promise."""
    return tuple(int(part) for part in version.split(".")[:2])
