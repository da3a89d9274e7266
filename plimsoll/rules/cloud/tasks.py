"""ECS tasks, as their own JSON file or as Terraform describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Kind, Node, PlatformFiles, TerraformFiles
from plimsoll.rules.cloud.blocks import Block, blocks_of


@dataclass(frozen=True, slots=True)
class Task:
    """One task definition; `block` is Terraform's, if that describes it."""

    node: Node
    block: Block | None = None

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return (self.node["family"] or self.node).spot

    @property
    def containers(self) -> tuple[Node, ...]:
        """Its containers; their keys are those of the API in both languages."""
        stated = self.said("containerDefinitions")
        return tuple(each for each in stated.items if each.is_table)

    @property
    def serverless(self) -> bool:
        """Whether it is one for Fargate."""
        return "FARGATE" in self.said("requiresCompatibilities").texts

    def said(self, key: str) -> Node:
        """A key of the API, as this language spells it."""
        snake = re.sub(r"(?<!^)([A-Z])", lambda letter: f"_{letter[1].lower()}", key)
        return self.node[key] or self.node[snake]

    def __str__(self) -> str:
        return f"the task {self.node['family'].text}" if self.node["family"] else "a task"


def tasks_of(platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = "") -> Iterator[Task]:
    """Every task that files describe."""
    if platforms:
        shown = platforms if files else platforms.for_production()
        yield from (Task(document.root) for document in shown.of(Kind.ECS, files=files))
    if terraform:
        for block in blocks_of(terraform, "resource", "aws_ecs_task_definition", files=files):
            yield Task(block.node, block)
