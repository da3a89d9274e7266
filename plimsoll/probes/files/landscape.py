"""What Terraform's files put where: each resource with its region, and what its arguments come to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from plimsoll.artefacts.observe import observe
from plimsoll.observations.artefacts import Node, TerraformFiles
from plimsoll.probes.files.folder import sources

REFERENCE = re.compile(r"^(?P<address>(?:data\.)?\w+\.\w+)\.(?P<attribute>\w+)$")
DEPTH = 8
"""References to references: nobody nests them deeper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource, or what is looked up (`data`): its address as others call it, its region, what is said of it."""

    address: str
    type: str
    region: str
    node: Node


@dataclass(frozen=True, slots=True)
class Landscape:
    """All that one folder of Terraform's files describes."""

    folder: str
    resources: tuple[Resource, ...]
    variables: Mapping[str, Node] = field(default_factory=dict)

    def of(self, *types: str, looked_up: bool = False) -> Iterator[Resource]:
        """The resources of these types, as the files order them; those of others where they may be `looked_up`."""
        return (
            each
            for each in self.resources
            if each.type in types and (looked_up or not each.address.startswith("data."))
        )

    def at(self, address: str) -> Resource | None:
        """The resource of that address."""
        return next((each for each in self.resources if each.address == address), None)

    def text(self, node: Node, depth: int = 0) -> str:
        """What an argument comes to; a reference to what is known only once it is applied stays as it is written."""
        if not node or node.value is not None or depth > DEPTH:
            return str(node.value).lower() if isinstance(node.value, bool) else node.text
        if node.text.startswith("var."):
            stated = self.variables.get(node.text.removeprefix("var."))
            return self.text(stated, depth + 1) if stated is not None else node.text
        found = REFERENCE.match(node.text)
        other = self.at(found["address"]) if found else None
        if found and other and (there := other.node[found["attribute"]]):
            return self.text(there, depth + 1)
        return node.text

    def texts(self, node: Node) -> tuple[str, ...]:
        """What the entries of a list come to."""
        return tuple(self.text(each) for each in node) if node.is_list else ()


def landscapes(root: Path) -> tuple[Landscape, ...]:
    """Each folder of Terraform's files as a landscape."""
    seen = observe(TerraformFiles, sources(root, {}), datetime.now(UTC))
    if not isinstance(seen, TerraformFiles):
        return ()
    folders: dict[str, list[Node]] = {}
    given: dict[str, dict[str, Node]] = {}
    for document in seen.documents:
        path = PurePosixPath(document.source.name)
        if path.suffix == ".tfvars":
            given.setdefault(str(path.parent), {}).update(document.root.entries)
        else:
            folders.setdefault(str(path.parent), []).append(document.root)
    return tuple(_landscape(folder, roots, given.get(folder, {})) for folder, roots in sorted(folders.items()))


def _landscape(folder: str, roots: list[Node], given: Mapping[str, Node]) -> Landscape:
    blocks = [(kind, node) for root in roots for kind, node in root.entries if node.is_table]
    variables = {node.text: node["default"] for kind, node in blocks if kind == "variable" and node["default"]}
    plain = Landscape(folder, (), {**variables, **given})
    regions = {
        ".".join(part for part in (node.text, node["alias"].text) if part): plain.text(node["region"])
        for kind, node in blocks
        if kind == "provider"
    }
    found = tuple(
        Resource(
            address=f"data.{node.text}" if kind == "data" else node.text,
            type=node.text.partition(".")[0],
            region=regions.get(node["provider"].text or node.text.partition("_")[0], ""),
            node=node,
        )
        for kind, node in blocks
        if kind in ("resource", "data")
    )
    return Landscape(folder, found, plain.variables)
