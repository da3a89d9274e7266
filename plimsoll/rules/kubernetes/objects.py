"""The objects of Kubernetes manifests: what they are called, and the pods and containers in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Document, Kind, Manifests, Node

TEMPLATES: Mapping[str, str] = {
    "Deployment": "spec.template",
    "StatefulSet": "spec.template",
    "DaemonSet": "spec.template",
    "ReplicaSet": "spec.template",
    "Job": "spec.template",
    "CronJob": "spec.jobTemplate.spec.template",
    "Pod": "",
}
"""Where the pods of a kind are described (Kubernetes API, workload resources)."""

SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
"""Kinds whose pods are meant to stay up."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a manifest; its namespace is "" where the manifest leaves it to whoever applies it."""

    kind: str
    name: str
    namespace: str
    node: Node
    document: Document

    @property
    def spot(self) -> Spot:
        """The line that says its name, or that says what it is."""
        return (self.node.at("metadata.name") or self.node["kind"]).spot

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind

    @property
    def folder(self) -> str:
        """The folder of its file, with a slash at its end; "/" for the outermost, and in a guide."""
        return self.document.source.name.rpartition("/")[0].strip("/") + "/"

    def meets(self, other: Object) -> bool:
        """Whether the two may stand in one namespace."""
        return self.namespace == other.namespace or not self.namespace or not other.namespace

    def near(self, other: Object) -> bool:
        """Whether the two are applied together: they may meet, and no folder of one is beside a folder of the other."""
        return self.meets(other) and together(self.folder, other.folder)


@dataclass(frozen=True, slots=True)
class Workload(Object):
    """An object that makes pods: `template` is what one of them is made from."""

    @property
    def template(self) -> Node:
        """What a pod is made from: its metadata and its spec."""
        path = TEMPLATES[self.kind]
        return self.node.at(path) if path else self.node

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of its pods."""
        return texts_of(self.template.at("metadata.labels"))

    @property
    def serves(self) -> bool:
        """Whether its pods are meant to stay up."""
        return self.kind in SERVING

    @property
    def is_agent(self) -> bool:
        """Whether it looks after its node: log shippers, network and storage drivers have to see it."""
        return self.kind == "DaemonSet"

    @property
    def containers(self) -> tuple[Container, ...]:
        """Its containers, without those that only prepare."""
        return tuple(Container(self, each) for each in self.template.at("spec.containers").items if each.is_table)

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Its containers, and those that prepare."""
        first = self.template.at("spec.initContainers").items
        return (*(Container(self, each) for each in first if each.is_table), *self.containers)


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a workload."""

    workload: Workload
    node: Node

    @property
    def name(self) -> str:
        """Its name."""
        return self.node["name"].text

    @property
    def ports(self) -> Mapping[str, Node]:
        """The ports that it states, by number and by name."""
        stated = [port for port in self.node["ports"].items if port["containerPort"]]
        numbers = {port["containerPort"].text: port for port in stated}
        return numbers | {port["name"].text: port for port in stated if port["name"]}

    @property
    def whole(self) -> bool:
        """Whether it is shown, and not only mentioned: what it lacks, it lacks."""
        return bool(self.node["image"])

    def __str__(self) -> str:
        return f"container {self.name} of {self.workload}" if self.name else f"a container of {self.workload}"


def objects_of(manifests: Manifests, *kinds: str, files: str = "") -> Iterator[Object]:
    """The objects of these kinds (all if none is said); without a pattern for files, of those for production."""
    shown = manifests if files else manifests.for_production()
    for document in shown.of(Kind.KUBERNETES, files=files):
        for node in _unpacked(document.root):
            kind = node["kind"].text
            if node["apiVersion"] and kind and (not kinds or kind in kinds):
                named = node["metadata"]
                make = Workload if kind in TEMPLATES else Object
                yield make(kind, named["name"].text, named["namespace"].text, node, document)


def workloads_of(manifests: Manifests, *, files: str = "") -> Iterator[Workload]:
    """Every object that makes pods."""
    for each in objects_of(manifests, *TEMPLATES, files=files):
        if isinstance(each, Workload):
            yield each


def containers_of(manifests: Manifests, *, files: str = "") -> Iterator[Container]:
    """Every container that is shown, with those that prepare."""
    for workload in workloads_of(manifests, files=files):
        yield from (each for each in workload.all_containers if each.whole)


def texts_of(table: Node) -> Mapping[str, str]:
    """A table of scalars as texts."""
    return {key: table[key].text for key in table.keys if not table[key].is_table and not table[key].is_list}


def together(one: str, other: str) -> bool:
    """Whether files of two folders are applied together: one is the other, or holds it."""
    return "/" in (one, other) or one.startswith(other) or other.startswith(one)


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector is one at all, and the labels have all that it asks for."""
    return bool(selector) and selector.items() <= labels.items()


def _unpacked(root: Node) -> Iterator[Node]:
    """An object, or those of a List of them (kubectl get -o yaml)."""
    if root["kind"].text.endswith("List") and root["items"].is_list:
        yield from root["items"].items
    else:
        yield root
