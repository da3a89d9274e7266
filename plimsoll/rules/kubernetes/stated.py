"""What a workload is promised to state: its namespace, replicas, resources and probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, Workload, objects_of, workloads_of
from plimsoll.rules.kubernetes.quantities import alike

__all__ = ["own_namespace", "probes_timed", "replicas_kept", "resources_stated"]

CLUSTER_WIDE = frozenset(
    {
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
    }
)
"""Kinds that stand in no namespace (kubectl api-resources --namespaced=false)."""


def own_namespace(promise: Promise, manifests: Manifests, *, namespace: str, files: str = "") -> Finding:
    """Every object stands in the namespace that the workload has for itself, and the namespace is created."""
    shown = list(objects_of(manifests, files=files))
    placed = [each for each in shown if each.kind not in CLUSTER_WIDE]
    created = [each for each in shown if each.kind == "Namespace" and each.name == namespace]
    holes = [
        Hole(
            spot=(each.node.at("metadata.namespace") or each).spot,
            what=f"{each} stands in {each.namespace or 'no namespace that is said'}, not in {namespace}",
            fix=f"namespace: {namespace}",
        )
        for each in placed
        if each.namespace != namespace
    ]
    if placed and not created:
        what = f"nothing creates the namespace {namespace}"
        holes.append(Hole(spot=placed[0].spot, what=what, fix=f"a Namespace {namespace}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in placed],
        expected=f"everything in the namespace {namespace}",
        nothing="no manifest describes an object in a namespace",
    )


def replicas_kept(
    promise: Promise, manifests: Manifests, *, workload: str, replicas: int, image: str = "", files: str = ""
) -> Finding:
    """The workload keeps as many replicas as promised: by itself, or by its autoscaler, which then goes no lower."""
    holes: list[Hole] = []
    found = _named(manifests, workload, files)
    scalers = list(objects_of(manifests, "HorizontalPodAutoscaler", files=files))
    for each in found:
        own = each.node.at("spec.replicas")
        scaler = next((s for s in scalers if s.node.at("spec.scaleTargetRef.name").text == workload), None)
        kept = scaler.node.at("spec.minReplicas") if scaler and not own else own
        if (kept.text or "1") != str(replicas):
            fix = f"{'minReplicas' if scaler and not own else 'replicas'}: {replicas}"
            spot = (kept or each).spot
            holes.append(Hole(spot=spot, what=f"{each} keeps {kept.text or 1} replicas, not {replicas}", fix=fix))
        ran = [container.node["image"] for container in each.containers]
        if image and image not in [node.text for node in ran]:
            what = f"{each} runs {', '.join(node.text for node in ran) or 'nothing'}, not {image}"
            holes.append(Hole(spot=(ran[0] if ran else each).spot, what=what, fix=f"image: {image}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in found],
        expected=f"{replicas} replicas of {workload}" + (f", each {image}" if image else ""),
        nothing=f"no manifest describes the workload {workload}",
    )


def resources_stated(
    promise: Promise,
    manifests: Manifests,
    *,
    workload: str,
    requests: Mapping[str, str],
    limits: Mapping[str, str],
    files: str = "",
) -> Finding:
    """The workload's containers request and are limited to the promised amounts."""
    looked = [container for each in _named(manifests, workload, files) for container in each.containers]
    holes = [
        Hole(
            spot=(stated[key] or stated or container.node["name"]).spot,
            what=f"{container} {verb} {stated[key].text or 'nothing'} of {key}, not {amount}",
            fix=f"{part}: {key}: {amount}",
        )
        for container in looked
        for part, verb, wanted in (("requests", "requests", requests), ("limits", "is limited to", limits))
        for stated in [container.node.at(f"resources.{part}")]
        for key, amount in wanted.items()
        if not alike(stated[key].text, amount)
    ]
    return promise.judged(
        holes,
        looked=[f"{container.node.spot}: {container}" for container in looked],
        expected=f"requests {_said(requests)}; limits {_said(limits)}",
        nothing=f"no manifest describes the containers of {workload}",
    )


def probes_timed(
    promise: Promise,
    manifests: Manifests,
    *,
    workload: str,
    path: str,
    liveness: tuple[int, ...] = (),
    readiness: tuple[int, ...] = (),
    distinct: bool = False,
    files: str = "",
) -> Finding:
    """The workload's probes ask the promised path, after the promised delay (s) and at the promised period (s)."""
    looked = [container for each in _named(manifests, workload, files) for container in each.containers]
    wanted = {name: times for name, times in (("liveness", liveness), ("readiness", readiness)) if times}
    holes = [hole for each in looked for name, times in wanted.items() for hole in _mistimed(each, name, path, times)]
    for container in looked if distinct else ():
        paths = [container.node.at(f"{name}Probe.httpGet.path") for name in ("liveness", "readiness")]
        if paths[0] and paths[0].text == paths[1].text:
            what = f"both probes of {container} ask {paths[0].text}: what cannot serve yet is restarted"
            holes.append(Hole(spot=paths[1].spot, what=what, fix=f"readiness at {path}", beside=(paths[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{container.node.spot}: {container}" for container in looked],
        expected=f"{path}: " + ", ".join(f"{name} after {t[0]} s every {t[-1]} s" for name, t in wanted.items()),
        nothing=f"no manifest describes the containers of {workload}",
    )


def _mistimed(container: Container, name: str, path: str, times: tuple[int, ...]) -> Iterator[Hole]:
    probe = container.node[f"{name}Probe"]
    if not probe:
        what = f"{container} has no {name} probe"
        yield Hole(spot=container.node.spot, what=what, fix=f"{name}Probe: httpGet: path: {path}")
        return
    asked: list[tuple[str, Node, str]] = [("asks", probe.at("httpGet.path"), path)]
    asked += [
        ("waits", probe["initialDelaySeconds"], str(times[0])),
        ("has a period of", probe["periodSeconds"], str(times[-1])),
    ]
    for verb, node, right in asked:
        if node.text != right:
            what = f"the {name} probe of {container} {verb} {node.text or 'nothing that is said'}, not {right}"
            yield Hole(spot=(node or probe).spot, what=what, fix=right)


def _named(manifests: Manifests, workload: str, files: str) -> list[Workload]:
    return [each for each in workloads_of(manifests, files=files) if each.name == workload]


def _said(amounts: Mapping[str, str]) -> str:
    return ", ".join(f"{amount} {key}" for key, amount in amounts.items()) or "none"
