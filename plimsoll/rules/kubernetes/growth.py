"""How workloads grow, shrink, move, and keep what they wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import Workload, objects_of, selects, texts_of, workloads_of
from plimsoll.rules.texts import whole_number

__all__ = ["databases_keep_their_data", "disruptions_possible"]

DATABASES = re.compile(r"(^|/)(postgres|postgresql|mysql|mariadb|mongo|mongodb|timescaledb|postgis)(:|@|$)")
"""Images whose data must outlive a pod."""


def disruptions_possible(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every disruption budget leaves a pod that may be moved: else no node can ever be drained."""
    budgets = list(objects_of(manifests, "PodDisruptionBudget", files=files))
    workloads = list(workloads_of(manifests, files=files))
    scalers = {
        each.node.at("spec.scaleTargetRef.name").text: each.node.at("spec.minReplicas")
        for each in objects_of(manifests, "HorizontalPodAutoscaler", files=files)
    }
    holes: list[Hole] = []
    for budget in budgets:
        spec = budget.node["spec"]
        least, most = spec["minAvailable"], spec["maxUnavailable"]
        chosen = [
            w for w in workloads if w.near(budget) and selects(texts_of(spec.at("selector.matchLabels")), w.labels)
        ]
        if most.text in ("0", "0%") or least.text == "100%":
            what = f"{budget} lets no pod be moved"
            holes.append(Hole(spot=(most or least).spot, what=what, fix="maxUnavailable: 1"))
        for workload in chosen:
            kept = scalers.get(workload.name) or workload.node.at("spec.replicas")
            stated, wanted = whole_number(kept.text), whole_number(least.text)
            count = 1 if stated is None else stated
            if wanted is not None and wanted >= count and workload.serves:
                what = f"{budget} wants {least.text} of the {count} pods of {workload}: none may be moved"
                spot = (kept or workload).spot
                holes.append(Hole(spot=least.spot, what=what, fix="maxUnavailable: 1", beside=(spot,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in budgets],
        expected="budgets that leave a pod to be moved",
        nothing="no manifest describes a disruption budget",
    )


def databases_keep_their_data(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every database of the cluster writes to a volume that outlives its pod."""
    shown = [w for w in workloads_of(manifests, files=files) if w.serves]
    looked = [w for w in shown if any(DATABASES.search(c.node["image"].text) for c in w.containers)]
    charts = manifests if files else manifests.for_production()
    stores = [store for d in charts.of(Kind.HELM_VALUES, files=files) for store in _stores(d.root)]
    holes = [
        Hole(
            spot=each.spot,
            what=f"{each} is a database without a volume that outlives its pod",
            fix="a StatefulSet with volumeClaimTemplates, or a PersistentVolumeClaim",
        )
        for each in looked
        if not _claimed(each)
    ]
    holes += [
        Hole(spot=store["enabled"].spot, what="the chart's database keeps nothing", fix="persistence: enabled: true")
        for store in stores
        if store["enabled"].value is False
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked] + [f"{store.spot}: persistence" for store in stores],
        expected="databases with volumes that are claimed",
        nothing="no manifest describes a database",
    )


def _claimed(workload: Workload) -> bool:
    kept = ("persistentVolumeClaim", "csi", "nfs", "hostPath")
    volumes = workload.template.at("spec.volumes").items
    return bool(workload.node.at("spec.volumeClaimTemplates").items) or any(v[k] for v in volumes for k in kept)


def _stores(root: Node) -> Iterator[Node]:
    for name in root.keys:
        if DATABASES.search(name):
            parts = (root[name]["primary"], root[name]["master"], root[name])
            yield from (part["persistence"] for part in parts if part["persistence"].is_table)
