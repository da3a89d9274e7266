"""What every container of a cluster needs to be run well: amounts, probes, and an image that stays what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, containers_of, workloads_of
from plimsoll.rules.kubernetes.quantities import quantity

__all__ = ["liveness_stands_alone", "pod_images_pinned", "pod_probes_present", "pod_resources_bounded"]

DEEP = re.compile(
    r"(^|[/_-])(ready|readiness|readyz|detailed|deep|dependenc\w+|database|db|redis)([/_-]|$)", re.IGNORECASE
)
"""Paths that answer for more than the process itself."""

FLOATING = frozenset({"latest", "stable", "main", "master", "edge", "nightly", "dev"})
"""Tags that are moved on purpose."""


def pod_resources_bounded(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every container that stays up requests CPU and memory, has a limit for memory, and requests no more than that."""
    looked = [each for each in containers_of(manifests, files=files) if each.workload.serves]
    return promise.judged(
        [hole for container in looked for hole in _unbounded(container)],
        looked=[f"{each.node.spot}: {each}" for each in looked],
        expected="requests for cpu and memory, and a limit for memory",
        nothing="no manifest describes a container that stays up",
    )


def _unbounded(container: Container) -> Iterator[Hole]:
    resources = container.node["resources"]
    lacks = [f"requests.{name}" for name in ("cpu", "memory") if not resources.at(f"requests.{name}")]
    # The API server takes a limit for the request where none is stated (Kubernetes, Resource Management for Pods).
    lacks = [path for path in lacks if not resources.at(path.replace("requests", "limits"))]
    lacks += [] if resources.at("limits.memory") else ["limits.memory"]
    if lacks:
        what = f"{container} states no {' and no '.join(lacks)}: one container can take the whole node"
        yield Hole(spot=(resources or container.node).spot, what=what, fix="resources: requests and limits")
    for name in ("cpu", "memory"):
        request, limit = resources.at(f"requests.{name}"), resources.at(f"limits.{name}")
        least, most = quantity(request.text), quantity(limit.text)
        if least is not None and most is not None and least > most:
            what = f"{container} requests {request.text} of {name} and is limited to {limit.text}: it is refused"
            yield Hole(spot=request.spot, what=what, fix=f"{name} <= {limit.text}", beside=(limit.spot,))


def pod_probes_present(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every container that stays up and has a port is asked whether it lives and whether it is ready."""
    looked = [
        each for workload in workloads_of(manifests, files=files) if workload.serves for each in workload.containers
    ]
    looked = [each for each in looked if each.whole and each.ports]
    holes = [
        Hole(
            spot=container.node.spot,
            what=f"{container} has no {' and no '.join(lacks)}: it gets requests before it can answer, or after",
            fix="livenessProbe and readinessProbe",
        )
        for container in looked
        if (lacks := [name for name in ("livenessProbe", "readinessProbe") if not container.node[name]])
    ]
    return promise.judged(
        holes,
        looked=[f"{each.node.spot}: {each}" for each in looked],
        expected="a liveness and a readiness probe",
        nothing="no manifest describes a container with a port",
    )


def liveness_stands_alone(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """No liveness probe asks for readiness or for others' health: a restart would not bring a database back."""
    paths = [(each, each.node.at("livenessProbe.httpGet.path")) for each in containers_of(manifests, files=files)]
    looked = [(container, path) for container, path in paths if path]
    holes = [
        Hole(
            spot=path.spot,
            what=f"the liveness probe of {container} asks {path.text}: all restart when a dependency is down",
            fix="a path that answers for the process alone",
        )
        for container, path in looked
        if DEEP.search(path.text.partition("?")[0])
    ]
    return promise.judged(
        holes,
        looked=[f"{path.spot}: {path.text}" for _, path in looked],
        expected="liveness probes that ask for the process alone",
        nothing="no liveness probe asks a path",
    )


def pod_images_pinned(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every container's image has a tag that stays, or a digest."""
    looked = list(containers_of(manifests, files=files))
    told = {name.text for document in manifests.of(Kind.KUBERNETES) for name in _retagged(document.root)}
    holes: list[Hole] = []
    for container in looked:
        image = container.node["image"]
        tag = image.text.rpartition("/")[2].partition(":")[2]
        if (
            "@" in image.text
            or (tag and tag not in FLOATING)
            or "$" in image.text
            or image.text.partition(":")[0] in told
        ):
            continue
        said = f"the tag {tag}, which moves" if tag else "no tag, which means latest"
        what = f"{container} runs {image.text}: {said}; two pods may run two versions, and no rollback leads back"
        holes.append(Hole(spot=image.spot, what=what, fix="the tag of a release, or a digest"))
    return promise.judged(
        holes,
        looked=[f"{each.node['image'].spot}: {each.node['image'].text}" for each in looked],
        expected="images with the tag of a release, or a digest",
        nothing="no manifest describes a container",
    )


def _retagged(root: Node) -> Iterator[Node]:
    """The images to which a kustomization gives another tag (Kustomize, images)."""
    if not root["metadata"]:
        yield from (each["name"] for each in root["images"].items if each["newTag"] or each["digest"])
