"""The blocks of Terraform: resources, data, variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Node, TerraformFiles


@dataclass(frozen=True, slots=True)
class Block:
    """One block with its type: `aws_db_instance` for a resource, "" for a variable; and its name."""

    type: str
    name: str
    node: Node
    fragment: bool

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return self.node.spot

    @property
    def address(self) -> str:
        """How other blocks call it."""
        return f"{self.type}.{self.name}" if self.type else self.name

    def __str__(self) -> str:
        return self.address or "a block"


def blocks_of(terraform: TerraformFiles, kind: str, *types: str, files: str = "") -> Iterator[Block]:
    """The blocks of a kind (`resource`, `data`, `variable` …) and of these types (all if none is said)."""
    for document in (terraform if files else terraform.for_production()).of(files=files):
        for node in all_of(document.root, kind):
            type_, _, name = node.text.rpartition(".")
            if not types or type_ in types:
                yield Block(type_, name, node, document.source.fragment)


def all_of(table: Node, key: str) -> tuple[Node, ...]:
    """Every block of that kind in a table: Terraform lets them stand as often as they are needed."""
    return tuple(value for name, value in table.entries if name == key)
