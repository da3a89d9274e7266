"""Whether what a workload ran before can run again."""

from __future__ import annotations

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests
from plimsoll.rules.kubernetes.objects import Workload, workloads_of

__all__ = ["rollouts_undoable"]

MOVING = frozenset({"", "latest", "main", "master", "stable", "production"})
"""Tags that name another image tomorrow, and the lack of one, which is `latest`."""


def rollouts_undoable(
    promise: Promise, manifests: Manifests, *, workloads: tuple[str, ...], files: str = ""
) -> Finding:
    """A rollout can be undone: revisions are kept to go back to, and each names an image of its own.

    A Deployment keeps ten revisions unless its revisionHistoryLimit says otherwise (Kubernetes API, DeploymentSpec).
    """
    found = [each for each in workloads_of(manifests, files=files) if each.name in workloads]
    holes = [hole for each in found for hole in _kept(each)]
    missing = [name for name in workloads if name not in {each.name for each in found}]
    if found and missing:
        what = f"no manifest describes the workload {', '.join(missing)}"
        holes.append(Hole(spot=found[0].spot, what=what, fix="a Deployment of that name"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in found],
        expected="revisions that are kept, each of an image of its own",
        nothing=f"no manifest describes {' or '.join(workloads)}",
    )


def _kept(each: Workload) -> list[Hole]:
    """What stands in the way of going back."""
    limit = each.node.at("spec.revisionHistoryLimit")
    holes = []
    if limit.text == "0":
        what = f"{each} keeps no revision: `kubectl rollout undo` has nothing to go back to"
        holes.append(Hole(spot=limit.spot, what=what, fix="revisionHistoryLimit: 10, or none said"))
    for container in each.containers:
        image = container.node["image"]
        if moving(image.text):
            what = (
                f"{each} runs {image.text or 'no image'}: the revision before names the same, whatever that is by then"
            )
            holes.append(Hole(spot=(image or each).spot, what=what, fix="a tag for each release, or a digest"))
    return holes


def moving(image: str) -> bool:
    """Whether an image of that name may be another one tomorrow."""
    return image.rpartition("/")[2].partition(":")[2] in MOVING and "@sha256:" not in image
