"""What Kubernetes no longer understands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests
from plimsoll.rules.kubernetes.objects import objects_of

__all__ = ["api_versions_served", "ingress_class_stated"]

REMOVED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("autoscaling/v2beta1", ""): ("1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", ""): ("1.26", "autoscaling/v2"),
    ("batch/v1beta1", "CronJob"): ("1.25", "batch/v1"),
    ("discovery.k8s.io/v1beta1", ""): ("1.25", "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", ""): ("1.25", "events.k8s.io/v1"),
    ("extensions/v1beta1", "Deployment"): ("1.16", "apps/v1"),
    ("extensions/v1beta1", "DaemonSet"): ("1.16", "apps/v1"),
    ("extensions/v1beta1", "ReplicaSet"): ("1.16", "apps/v1"),
    ("extensions/v1beta1", "NetworkPolicy"): ("1.16", "networking.k8s.io/v1"),
    ("extensions/v1beta1", "Ingress"): ("1.22", "networking.k8s.io/v1"),
    ("apps/v1beta1", ""): ("1.16", "apps/v1"),
    ("apps/v1beta2", ""): ("1.16", "apps/v1"),
    ("networking.k8s.io/v1beta1", "Ingress"): ("1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "IngressClass"): ("1.22", "networking.k8s.io/v1"),
    ("policy/v1beta1", "PodDisruptionBudget"): ("1.25", "policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy"): ("1.25", "Pod Security Admission"),
    ("rbac.authorization.k8s.io/v1beta1", ""): ("1.22", "rbac.authorization.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1alpha1", ""): ("1.22", "rbac.authorization.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "StorageClass"): ("1.22", "storage.k8s.io/v1"),
    ("apiextensions.k8s.io/v1beta1", ""): ("1.22", "apiextensions.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"): (
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"): (
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    ("scheduling.k8s.io/v1beta1", "PriorityClass"): ("1.22", "scheduling.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", "Lease"): ("1.22", "coordination.k8s.io/v1"),
}
"""Since when a version is gone, and what took its place (Kubernetes, Deprecated API Migration Guide)."""

ANNOTATION = "kubernetes.io/ingress.class"


def api_versions_served(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every object is of an API version that clusters still serve."""
    looked = [(each, each.node["apiVersion"]) for each in objects_of(manifests, files=files)]
    holes: list[Hole] = []
    for each, version in looked:
        gone = REMOVED.get((version.text, each.kind)) or REMOVED.get((version.text, ""))
        if gone:
            what = f"{each} is of {version.text}, which is gone since Kubernetes {gone[0]}"
            holes.append(Hole(spot=version.spot, what=what, fix=gone[1]))
    return promise.judged(
        holes,
        looked=[f"{version.spot}: {version.text} {each.kind}" for each, version in looked],
        expected="API versions that are served",
        nothing="no manifest describes an object",
    )


def ingress_class_stated(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every Ingress says by its ingressClassName which controller it is for, and not by the deprecated annotation."""
    looked = list(objects_of(manifests, "Ingress", files=files))
    holes = [
        Hole(
            spot=stated.spot,
            what=f"{each} states its class by the annotation {ANNOTATION}, deprecated since Kubernetes 1.18",
            fix=f"ingressClassName: {stated.text}",
        )
        for each in looked
        if (stated := each.node.at("metadata.annotations")[ANNOTATION])
    ]
    holes += [
        Hole(
            spot=each.node["spec"].spot,
            what=f"{each} states no class and configures {controller}: it is that controller's only by a default",
            fix="ingressClassName",
        )
        for each in looked
        if not each.node.at("metadata.annotations")[ANNOTATION] and not each.node.at("spec.ingressClassName")
        for controller in [_controller(each.node.at("metadata.annotations").keys)]
        if controller and each.node["spec"]
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="spec.ingressClassName",
        nothing="no manifest describes an Ingress",
    )


def _controller(annotations: tuple[str, ...]) -> str:
    """The controller that an Ingress's annotations are for; "" if none is."""
    found = (re.match(r"(nginx|haproxy|traefik)\.ingress\.kubernetes\.io/|alb\.ingress", name) for name in annotations)
    return next((match[1] or "the AWS load balancer" for match in found if match), "")
