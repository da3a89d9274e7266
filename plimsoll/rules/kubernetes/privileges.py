"""Whom containers of a cluster run as, and what of their node they get hold of."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, Workload, containers_of, workloads_of

__all__ = ["pods_run_unprivileged", "pods_stay_off_the_node"]

POWERS = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH"})
"""Capabilities that lead out of a container (capabilities(7))."""


def pods_run_unprivileged(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Every container that stays up runs as a numbered user that is not root, and says so."""
    looked = [
        each for each in containers_of(manifests, files=files) if each.workload.serves and not each.workload.is_agent
    ]
    return promise.judged(
        [hole for container in looked for hole in _rooted(container)],
        looked=[f"{each.node.spot}: {each}" for each in looked],
        expected="runAsNonRoot: true, and a numeric runAsUser above 0",
        nothing="no manifest describes a container that stays up",
    )


def _rooted(container: Container) -> Iterator[Hole]:
    pod, own = container.workload.template.at("spec.securityContext"), container.node["securityContext"]
    strict, user = own["runAsNonRoot"] or pod["runAsNonRoot"], own["runAsUser"] or pod["runAsUser"]
    spot = (user or strict or own or pod or container.node).spot
    if not isinstance(user.value, int) or user.value == 0:
        said = f"runs as user {user.text}" if user else "states no user to run as"
        # A name cannot be checked against runAsNonRoot: the kubelet refuses the pod (Kubernetes, Security Context).
        yield Hole(spot=spot, what=f"{container} {said}", fix="securityContext: runAsUser: 1001")
    elif strict.value is not True:
        what = f"{container} does not insist on a user that is not root"
        yield Hole(spot=spot, what=what, fix="securityContext: runAsNonRoot: true")


def pods_stay_off_the_node(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """No container is privileged or gets its node's files, network or processes, but for agents that look after it."""
    workloads = workloads_of(manifests, files=files)
    looked = [each for each in workloads if each.template["spec"] and not each.is_agent]
    return promise.judged(
        [hole for workload in looked for hole in _out(workload)],
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="no privileged, hostPath, hostNetwork, hostPID, hostIPC, and no capability that leads out",
        nothing="no manifest describes a pod",
    )


def _out(workload: Workload) -> Iterator[Hole]:
    spec = workload.template["spec"]
    found: list[tuple[Node, str, str]] = [
        (spec[word], f"{workload} gets its node's {what} ({word})", f"leave out {word}")
        for word, what in (("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "memory"))
        if spec[word].value is True
    ]
    found += [
        (
            volume["hostPath"],
            f"{workload} gets {volume.at('hostPath.path').text} of its node",
            "a volume that is claimed",
        )
        for volume in spec["volumes"].items
        if volume["hostPath"]
    ]
    for container in workload.all_containers:
        context = container.node["securityContext"]
        if context["privileged"].value is True:
            found.append(
                (context["privileged"], f"{container} is privileged: it is root on its node", "privileged: false")
            )
        if context["allowPrivilegeEscalation"].value is True:
            escalates = context["allowPrivilegeEscalation"]
            found.append((escalates, f"{container} may gain privileges", "allowPrivilegeEscalation: false"))
        added = [each for each in context.at("capabilities.add").items if each.text.removeprefix("CAP_") in POWERS]
        found += [(each, f"{container} has the capability {each.text}", "drop: [ALL]") for each in added]
    yield from (Hole(spot=node.spot, what=what, fix=fix) for node, what, fix in found)
