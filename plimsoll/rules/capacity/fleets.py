"""How many replicas a deployment's own files let there be, and what makes them more: HPAs, and services of ECS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Manifests, Node, TerraformFiles
from plimsoll.rules.cloud.blocks import Block, all_of, blocks_of
from plimsoll.rules.kubernetes.objects import Object, Workload, objects_of, workloads_of
from plimsoll.rules.kubernetes.quantities import quantity
from plimsoll.rules.texts import whole_number

SCALER = "HorizontalPodAutoscaler"
CPU, MEMORY = "cpu", "memory"
ECS_METRICS: Mapping[str, str] = {
    "ECSServiceAverageCPUUtilization": CPU,
    "ECSServiceAverageMemoryUtilization": MEMORY,
}
"""Predefined metrics of target tracking (Application Auto Scaling, PredefinedMetricSpecification)."""

TRACKING = "target_tracking_scaling_policy_configuration"
UNITS_PER_CPU = 1024
"""CPU units of ECS that make one processor."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """The replicas of one workload: `least` to `most` of them, None where nothing says so.

    `levels` are the utilizations, in per cent, at which there become more; empty where nothing makes them more. `cpu`
    is what one replica may count on, in processors: what utilization is reckoned from. None where nobody says.
    """

    name: str
    spot: Spot
    least: int | None
    most: int | None
    levels: Mapping[str, float]
    cpu: float | None
    bounds: Spot

    @property
    def automatic(self) -> bool:
        """Whether something makes them more."""
        return bool(self.levels)

    @property
    def range(self) -> str:
        """From how many to how many."""
        return f"{self.least}" if self.least == self.most else f"{self.least or '?'} to {self.most or '?'}"

    def __str__(self) -> str:
        levels = " and ".join(f"{level:g} % {metric}" for metric, level in self.levels.items())
        return f"{self.name}: {self.range} replicas{f', more at {levels}' if levels else ''}"


def fleets_of(manifests: Manifests | None, terraform: TerraformFiles | None, *, files: str = "") -> Iterator[Fleet]:
    """Every workload that serves, of a cluster or of ECS."""
    if manifests:
        scalers = list(objects_of(manifests, SCALER, files=files))
        for workload in workloads_of(manifests, files=files):
            if workload.kind in ("Deployment", "StatefulSet"):
                yield _of_cluster(workload, scalers)
    if terraform:
        for service in blocks_of(terraform, "resource", "aws_ecs_service", files=files):
            yield _of_ecs(service, terraform, files)


def _of_cluster(workload: Workload, scalers: list[Object]) -> Fleet:
    named = (workload.kind, workload.name)
    own = [
        scaler.node
        for scaler in scalers
        if scaler.near(workload)
        and named == (scaler.node.at("spec.scaleTargetRef.kind").text, scaler.node.at("spec.scaleTargetRef.name").text)
    ]
    fixed = workload.node.at("spec.replicas")
    least, most = (own[0].at("spec.minReplicas"), own[0].at("spec.maxReplicas")) if own else (fixed, fixed)
    requests = [quantity(each.node.at("resources.requests.cpu").text) for each in workload.containers]
    return Fleet(
        name=workload.name,
        spot=workload.spot,
        least=whole_number(least.text) or 1,  # Kubernetes API: one, where nothing is said
        most=whole_number(most.text) or (None if own else 1),
        levels={metric: level for node in own for metric, level in _levels(node)},
        cpu=sum(each for each in requests if each) if requests and all(requests) else None,
        bounds=(least or most or fixed).spot if (least or most or fixed) else workload.spot,
    )


def _levels(scaler: Node) -> Iterator[tuple[str, float]]:
    for metric in scaler.at("spec.metrics").items:
        level = _number(metric.at("resource.target.averageUtilization"))
        if level is not None:
            yield metric.at("resource.name").text, level


def _of_ecs(service: Block, terraform: TerraformFiles, files: str) -> Fleet:
    named = (service.address, f"/{service.node['name'].text}")
    targets = [
        target
        for target in blocks_of(terraform, "resource", "aws_appautoscaling_target", files=files)
        if any(_names(target.node["resource_id"].text, name) for name in named)
    ]
    fixed = service.node["desired_count"]
    least, most = (targets[0].node["min_capacity"], targets[0].node["max_capacity"]) if targets else (fixed, fixed)
    levels = {
        metric: level
        for target in targets
        for policy in blocks_of(terraform, "resource", "aws_appautoscaling_policy", files=files)
        if _names(policy.node["resource_id"].text, target.address)
        or policy.node["resource_id"].text == target.node["resource_id"].text
        for metric, level in _tracked(policy.node)
    }
    tasks = blocks_of(terraform, "resource", "aws_ecs_task_definition", files=files)
    units = [_number(task.node["cpu"]) for task in tasks if _names(service.node["task_definition"].text, task.address)]
    return Fleet(
        name=service.node["name"].text or service.name,
        spot=service.spot,
        least=whole_number(least.text),
        most=whole_number(most.text),
        levels=levels,
        cpu=units[0] / UNITS_PER_CPU if units and units[0] else None,
        bounds=(least or most).spot if (least or most) else service.spot,
    )


def _tracked(policy: Node) -> Iterator[tuple[str, float]]:
    for tracking in all_of(policy, TRACKING):
        yield from (each for table in (tracking, *tracking.items) for each in _metrics(table))


def _metrics(tracking: Node) -> Iterator[tuple[str, float]]:
    kind = tracking.at("predefined_metric_specification.predefined_metric_type").text
    level = _number(tracking["target_value"])
    if kind in ECS_METRICS and level is not None:
        yield ECS_METRICS[kind], level


def _names(text: str, name: str) -> bool:
    """Whether a text speaks of that name, and of no longer one."""
    return bool(name.strip("/")) and re.search(rf"{re.escape(name)}(?![\w-])", text) is not None


def _number(node: Node) -> float | None:
    try:
        return float(node.text)
    except ValueError:
        return None
