"""That what pods of a cluster ask for by name is there: values, volumes, namespaces, and whoever scales them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, Object, containers_of, objects_of, together, workloads_of
from plimsoll.rules.kubernetes.stated import CLUSTER_WIDE

__all__ = ["namespaces_agree", "pod_references_exist", "pod_variables_expand", "pod_volumes_exist"]

MAKERS = {
    "ExternalSecret": "Secret",
    "SealedSecret": "Secret",
    "SecretProviderClass": "Secret",
    "Certificate": "Secret",
}
"""Objects from which a controller makes a Secret, under a name of their own or one that they state."""

SHARED = frozenset({"default", "kube-system", "ingress-nginx", "cert-manager", "monitoring"})
"""Namespaces that are there before anybody's manifests, or are others' by custom."""

EXPANSION = re.compile(r"(?<!\$)\$\((?P<name>[A-Za-z_][\w.-]*)\)")
"""A variable within a variable's value (Kubernetes, Define Dependent Environment Variables)."""


def pod_references_exist(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every ConfigMap and Secret that a pod takes a value from is there, and has that key."""
    shown = list(objects_of(manifests, "ConfigMap", "Secret", *MAKERS, files=files))
    looked: list[tuple[Container, str, Node]] = []
    holes: list[Hole] = []
    for container in containers_of(manifests, files=files):
        near = [each for each in shown if each.near(container.workload)]
        made = {name for each in near if each.kind in MAKERS for name in _made(each)}
        for kind, reference in _references(container):
            name, key = reference["name"] or reference["secretName"], reference["key"]
            same = [each for each in near if each.kind == kind]
            meant = [each for each in same if each.name == name.text]
            elsewhere = any(each.meets(container.workload) and each.name == name.text for each in shown)
            is_made = kind == "Secret" and name.text in made
            if reference["optional"].value is True or not same or is_made or (elsewhere and not meant):
                continue
            looked.append((container, kind, name))
            if not meant:
                what = f"{container} asks for the {kind} {name.text}, there is {' and '.join(s.name for s in same)}"
                holes.append(Hole(spot=name.spot, what=what, fix=f"name: {same[0].name}", beside=(same[0].spot,)))
            elif key and not any(
                each.node[part][key.text] for each in meant for part in ("data", "stringData", "binaryData")
            ):
                what = f"{container} asks for the key {key.text}, which {meant[0]} does not have: it does not start"
                holes.append(Hole(spot=key.spot, what=what, fix=f"{key.text} in {meant[0]}", beside=(meant[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{name.spot}: {kind} {name.text}" for _, kind, name in looked],
        expected="references that lead to what there is",
        nothing="no manifests describe a pod and the ConfigMaps or Secrets it asks for",
    )


def _kustomized(manifests: Manifests) -> bool:
    """Whether a kustomization says the namespace for all (Kustomize, namespace)."""
    return any(d.root["namespace"] and not d.root["metadata"] for d in manifests.of(Kind.KUBERNETES))


def _made(maker: Object) -> tuple[str, ...]:
    spec = maker.node["spec"]
    stated = (spec.at("target.name"), spec["secretName"], spec.at("template.metadata.name"))
    return (maker.name, *(node.text for node in stated if node))


def _references(container: Container) -> Iterator[tuple[str, Node]]:
    for entry in container.node["env"].items:
        for word, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if reference := entry.at(f"valueFrom.{word}"):
                yield kind, reference
    for source in container.node["envFrom"].items:
        for word, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if reference := source[word]:
                yield kind, reference
    for volume in container.workload.template.at("spec.volumes").items:
        for word, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            if reference := volume[word]:
                yield kind, reference


def pod_variables_expand(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every variable that another's value names is set before it: else the name itself is what the application gets."""
    held = {each.name: each for each in objects_of(manifests, "ConfigMap", "Secret", files=files)}
    looked = [each for each in containers_of(manifests, files=files) if each.node["env"].items]
    holes: list[Hole] = []
    for container in looked:
        known, sealed = set[str](), False
        for source in container.node["envFrom"].items:
            meant = held.get((source.at("configMapRef.name") or source.at("secretRef.name")).text)
            sealed = sealed or meant is None
            if meant:
                known |= {
                    source["prefix"].text + key for part in ("data", "stringData") for key in meant.node[part].keys
                }
        for entry in container.node["env"].items:
            value = entry["value"]
            for found in EXPANSION.finditer(value.text) if not sealed else ():
                if found["name"] not in known:
                    what = f"{entry['name'].text} of {container} has $({found['name']}), which nothing sets before it"
                    fix = f"{found['name']} by valueFrom, above {entry['name'].text}"
                    holes.append(Hole(spot=value.spot, what=what, fix=fix, beside=(container.node["env"].spot,)))
            known.add(entry["name"].text)
    return promise.judged(
        holes,
        looked=[f"{each.node.spot}: {each}" for each in looked],
        expected="$(NAME) only after NAME",
        nothing="no manifest sets a variable",
    )


def pod_volumes_exist(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every volume that a container mounts is one of its pod, and every claim of a pod is there."""
    claims = list(objects_of(manifests, "PersistentVolumeClaim", files=files))
    looked: list[Node] = []
    holes: list[Hole] = []
    for workload in workloads_of(manifests, files=files):
        volumes = workload.template.at("spec.volumes")
        templates = [each.at("metadata.name") for each in workload.node.at("spec.volumeClaimTemplates").items]
        has = {node.text for node in (*(volume["name"] for volume in volumes.items), *templates)}
        for container in workload.all_containers:
            for name in (mount["name"] for mount in container.node["volumeMounts"].items):
                looked.append(name)
                if name.text not in has:
                    what = (
                        f"{container} mounts the volume {name.text}, its pod has {' and '.join(sorted(has)) or 'none'}"
                    )
                    spot = (volumes or workload.template["spec"]).spot
                    holes.append(Hole(spot=name.spot, what=what, fix=f"a volume {name.text}", beside=(spot,)))
        for claim in (volume.at("persistentVolumeClaim.claimName") for volume in volumes.items):
            near = [each for each in claims if each.near(workload)]
            if claim and near:
                looked.append(claim)
                if claim.text not in [each.name for each in claims if each.meets(workload)]:
                    what = f"{workload} claims {claim.text}, there is {' and '.join(each.name for each in near)}"
                    holes.append(Hole(spot=claim.spot, what=what, fix=near[0].name, beside=(near[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{name.spot}: {name.text}" for name in looked],
        expected="mounts of volumes that there are",
        nothing="no manifest mounts a volume",
    )


def namespaces_agree(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every object stands in a namespace that the files create, where they create any, and says in which."""
    created = list(objects_of(manifests, "Namespace", files=files))
    placed = [each for each in objects_of(manifests, files=files) if each.kind not in CLUSTER_WIDE]
    beside = {folder: [c for c in created if together(c.folder, folder)] for folder in {each.folder for each in placed}}
    said = Counter((each.folder, each.namespace) for each in placed)
    shown = Counter(each.folder for each in placed)
    names = {each.name for each in created} | SHARED
    looked = [each for each in placed if beside[each.folder]]
    holes: list[Hole] = []
    for each in () if _kustomized(manifests) else looked:
        near = beside[each.folder]
        # Where most of them leave it open, or two namespaces are made, the command line says it; for charts, always.
        most = said[each.folder, near[0].name] * 2 > shown[each.folder] - 1
        unsaid = not each.namespace and len(near) == 1 and most and "templates/" not in each.folder
        if unsaid or (each.namespace and each.namespace not in names):
            what = (
                f"{each} says no namespace, others say {near[0].name}: it lands in whichever is current"
                if unsaid
                else f"{each} stands in the namespace {each.namespace}, the files create {near[0].name}"
            )
            spot = (each.node.at("metadata.namespace") or each).spot
            holes.append(Hole(spot=spot, what=what, fix=f"namespace: {near[0].name}", beside=(near[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="objects in namespaces that are created",
        nothing="no manifest creates a namespace",
    )
