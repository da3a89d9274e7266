"""That whoever scales a workload, and whoever describes it a second time, speaks of the same."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, Object, Workload, containers_of, objects_of, workloads_of
from plimsoll.rules.texts import whole_number

__all__ = ["autoscaled_replicas_left_out", "autoscaler_reads_requests", "autoscaler_target_exists", "chart_agrees"]

SCALER = "HorizontalPodAutoscaler"


def autoscaler_target_exists(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every autoscaler scales a workload that there is, between bounds that leave it room."""
    workloads = list(workloads_of(manifests, files=files))
    looked = list(objects_of(manifests, SCALER, files=files))
    holes: list[Hole] = []
    for scaler in looked:
        target = scaler.node.at("spec.scaleTargetRef")
        near = [w for w in workloads if w.near(scaler) and w.kind == target["kind"].text]
        if near and target["name"].text not in [w.name for w in workloads if w.meets(scaler)]:
            there = " and ".join(w.name for w in near)
            what = f"{scaler} scales {target['kind'].text} {target['name'].text}, there is {there}"
            spot = target["name"].spot
            holes.append(Hole(spot=spot, what=what, fix=f"name: {near[0].name}", beside=(near[0].spot,)))
        least, most = scaler.node.at("spec.minReplicas"), scaler.node.at("spec.maxReplicas")
        fewest, largest = whole_number(least.text), whole_number(most.text)
        if fewest is not None and largest is not None and fewest > largest:
            what = f"{scaler} keeps at least {least.text} replicas and at most {most.text}: it is refused"
            holes.append(Hole(spot=least.spot, what=what, fix=f"minReplicas <= {most.text}", beside=(most.spot,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="autoscalers of workloads that there are",
        nothing="no manifest describes an autoscaler",
    )


def autoscaled_replicas_left_out(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """No workload that is scaled fixes its replicas: every apply would undo what the autoscaler did."""
    looked = list(_scaled(manifests, files))
    holes: list[Hole] = []
    for scaler, workload in looked:
        fixed = workload.node.at("spec.replicas")
        least = scaler.node.at("spec.minReplicas")
        if fixed and fixed.spot not in [hole.spot for hole in holes]:
            what = f"{workload} fixes {fixed.text} replicas and is scaled: every apply falls back to {fixed.text}"
            holes.append(Hole(spot=fixed.spot, what=what, fix="leave out replicas", beside=((least or scaler).spot,)))
    return promise.judged(
        holes,
        looked=[f"{workload.spot}: {workload}" for _, workload in looked],
        expected="no replicas where an autoscaler decides",
        nothing="no manifests describe an autoscaler and its workload",
    )


def autoscaler_reads_requests(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every container that is scaled by its utilization requests what that is measured against."""
    looked = list(_scaled(manifests, files))
    holes: list[Hole] = []
    for scaler, workload in looked:
        for metric in scaler.node.at("spec.metrics").items:
            name = metric.at("resource.name")
            for container in workload.containers if metric.at("resource.target.averageUtilization") else ():
                resources = container.node["resources"]
                if not resources.at(f"requests.{name.text}") and not resources.at(f"limits.{name.text}"):
                    what = f"{scaler} reads the utilization of {name.text}, {container} requests none: it never scales"
                    spot = (resources or container.node).spot
                    fix = f"resources: requests: {name.text}"
                    holes.append(Hole(spot=name.spot, what=what, fix=fix, beside=(spot,)))
    return promise.judged(
        holes,
        looked=[f"{scaler.spot}: {scaler} -> {workload}" for scaler, workload in looked],
        expected="requests for whatever an autoscaler reads",
        nothing="no manifests describe an autoscaler and its workload",
    )


def _scaled(manifests: Manifests, files: str) -> Iterator[tuple[Object, Workload]]:
    workloads = list(workloads_of(manifests, files=files))
    for scaler in objects_of(manifests, SCALER, files=files):
        target = scaler.node.at("spec.scaleTargetRef")
        for workload in workloads:
            if workload.near(scaler) and (workload.kind, workload.name) == (target["kind"].text, target["name"].text):
                yield scaler, workload


def chart_agrees(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """A chart's values and the manifests beside them run the same images with the same replicas."""
    ran: dict[str, tuple[Container, str]] = {}
    for container in containers_of(manifests, files=files):
        repository, _, tag = container.node["image"].text.partition("@")[0].rpartition(":")
        ran.setdefault(repository, (container, tag))
    looked: list[str] = []
    holes: list[Hole] = []
    for part in _parts(manifests, files):
        image, own = part["image"], ran.get(part.at("image.repository").text)
        if not own:
            continue
        container, tag = own
        looked.append(f"{image.spot}: {image['repository'].text}")
        if image["tag"] and image["tag"].text != tag:
            other = container.node["image"]
            what = f"the chart runs {image['repository'].text}:{image['tag'].text}, {container} runs {other.text}"
            holes.append(Hole(spot=image["tag"].spot, what=what, fix=f"tag: {tag}", beside=(other.spot,)))
        count, fixed = part["replicaCount"], container.workload.node.at("spec.replicas")
        if count and fixed and count.text != fixed.text:
            what = f"the chart keeps {count.text} replicas, {container.workload} keeps {fixed.text}"
            holes.append(Hole(spot=count.spot, what=what, fix=f"replicaCount: {fixed.text}", beside=(fixed.spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="the same images and replicas in charts and manifests",
        nothing="no image stands in a chart's values and in a manifest",
    )


def _parts(manifests: Manifests, files: str) -> Iterator[Node]:
    """The tables of charts' values that name an image."""
    shown = manifests if files else manifests.for_production()
    for document in shown.of(Kind.HELM_VALUES, files=files):
        yield from (node for node in document.root.walk() if node.at("image.repository"))
