"""What a Kubernetes cluster says of its Deployments: `kubectl get --raw`, which sends a GET and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plimsoll.errors import MissingTool
from plimsoll.observations import Revision, Rollout
from plimsoll.probes.orchestrators.asking import Answer, answer, number, table, tables, text

PLATFORM = "Kubernetes"
REVISION = "deployment.kubernetes.io/revision"
"""The annotation of Deployments and of their ReplicaSets (kubernetes.io, Well-Known Labels, Annotations and Taints)."""

COUNT = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One namespace of the cluster that a context of kubectl's configuration names."""

    context: str
    namespace: str
    deadline: float
    config: Path | None = None

    def rollouts(self, names: Sequence[str]) -> Iterator[Rollout]:
        """How far the Deployments of these names are. Raises CouldNotLook, MissingTool."""
        deployments = {_name(each): each for each in self._listed("deployments")}
        replica_sets = list(self._listed("replicasets"))
        for name in names:
            if name in deployments:
                yield _rollout(deployments[name], replica_sets)

    def _listed(self, kind: str) -> Iterator[Answer]:
        program = shutil.which("kubectl")
        if program is None:
            raise MissingTool("kubectl is not installed", hint="https://kubernetes.io/docs/tasks/tools/")
        options = [f"--context={self.context}", f"--request-timeout={self.deadline:g}s"]
        if self.config:
            options.append(f"--kubeconfig={self.config}")
        path = f"/apis/apps/v1/namespaces/{quote(self.namespace, safe='')}/{kind}"
        hint = f"kubectl --context {self.context} --namespace {self.namespace} get {kind}"
        return tables(answer([program, *options, "get", "--raw", path], deadline=self.deadline, hint=hint), "items")


def _rollout(deployment: Answer, replica_sets: Sequence[Answer]) -> Rollout:
    """How far it is, by what `kubectl rollout status` goes by (DeploymentStatus, apps/v1)."""
    status, specification = table(deployment, "status"), table(deployment, "spec")
    revisions = sorted(
        (_revision(each) for each in replica_sets if _owner(each) == table(deployment, "metadata").get("uid")),
        key=lambda revision: -revision.number,
    )
    newest = _revision(deployment)
    return Rollout(
        name=_name(deployment),
        platform=PLATFORM,
        wanted=number(specification, "replicas", 1),
        total=number(status, "replicas"),
        updated=number(status, "updatedReplicas"),
        ready=number(status, "availableReplicas"),
        revision=newest,
        observed=number(status, "observedGeneration") >= number(table(deployment, "metadata"), "generation"),
        paused=specification.get("paused") is True,
        trouble="; ".join(_troubles(status)),
        before=tuple(revision for revision in revisions if revision.number < newest.number),
    )


def _troubles(status: Answer) -> Iterator[str]:
    """Conditions that say that it does not go on."""
    for condition in tables(status, "conditions"):
        kind, stands = text(condition, "type"), text(condition, "status")
        if (kind, stands) in (("Progressing", "False"), ("ReplicaFailure", "True")):
            yield f"{text(condition, 'reason')}: {text(condition, 'message')}"


def _revision(of: Answer) -> Revision:
    said = text(table(of, "metadata", "annotations"), REVISION)
    containers = tables(of, "spec", "template", "spec", "containers")
    return Revision(
        number=int(said) if COUNT.fullmatch(said) else 0, images=tuple(text(each, "image") for each in containers)
    )


def _name(of: Answer) -> str:
    return text(table(of, "metadata"), "name")


def _owner(of: Answer) -> str:
    """The uid of the Deployment that made it; names come back, uids do not."""
    owners = tables(of, "metadata", "ownerReferences")
    return next((text(owner, "uid") for owner in owners if text(owner, "kind") == "Deployment"), "")
