"""What ECS tasks state of their size, health, secrets and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, PlatformFiles, TerraformFiles
from plimsoll.rules.cloud.tasks import Task, tasks_of
from plimsoll.rules.kubernetes.secrets import confidential

__all__ = ["ecs_health_checked", "ecs_images_pinned", "ecs_secrets_referenced", "fargate_size_valid", "task_sized"]

GIB = 1024
SIZES: Mapping[int, frozenset[int]] = {
    256: frozenset({512, GIB, 2 * GIB}),
    512: frozenset(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: frozenset(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: frozenset(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: frozenset(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: frozenset(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: frozenset(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
"""MiB that Fargate has for so many units of CPU (Amazon ECS, task size)."""

UNITS = re.compile(r"(?P<number>\d{1,6}(\.\d{1,3})?)\s*(?P<unit>vcpu|gb)?", re.IGNORECASE)


def task_sized(
    promise: Promise,
    platforms: PlatformFiles | None,
    terraform: TerraformFiles | None,
    *,
    cpu: int,
    memory: int,
    network: str = "awsvpc",
    files: str = "",
) -> Finding:
    """Every task is one for Fargate, of the promised units of CPU and MiB of memory, in the promised network mode."""
    looked = list(tasks_of(platforms, terraform, files=files))
    holes: list[Hole] = []
    for task in looked:
        wanted = [("cpu", str(cpu)), ("memory", str(memory)), ("networkMode", network)]
        for key, right in wanted:
            node = task.said(key)
            if node.text != right:
                what = f"{task} has {key} {node.text or 'not said'}, not {right}"
                holes.append(Hole(spot=(node or task).spot, what=what, fix=f"{key}: {right}"))
        kinds = task.said("requiresCompatibilities")
        if not task.serverless:
            what = f"{task} is not one for Fargate"
            holes.append(Hole(spot=(kinds or task).spot, what=what, fix='"requiresCompatibilities": ["FARGATE"]'))
    return promise.judged(
        holes,
        looked=[f"{task.spot}: {task}" for task in looked],
        expected=f"Fargate, {cpu} CPU units, {memory} MiB, {network}",
        nothing="no file describes a task",
    )


def fargate_size_valid(
    promise: Promise, platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = ""
) -> Finding:
    """Every Fargate task has a size that Fargate has."""
    looked = [task for task in tasks_of(platforms, terraform, files=files) if task.serverless]
    holes: list[Hole] = []
    for task in looked:
        cpu, memory = task.said("cpu"), task.said("memory")
        units, mebibytes = _units(cpu.text), _units(memory.text)
        if units is None or mebibytes is None or mebibytes in SIZES.get(units, frozenset()):
            continue
        fits = sorted(SIZES.get(units, frozenset()))
        fix = f"memory from {fits[0]} to {fits[-1]}" if fits else f"cpu one of {', '.join(map(str, SIZES))}"
        what = f"{task} asks Fargate for {cpu.text} CPU units with {memory.text} MiB, a size it does not have"
        holes.append(Hole(spot=memory.spot if fits else cpu.spot, what=what, fix=fix, beside=(cpu.spot,)))
    return promise.judged(
        holes,
        looked=[f"{task.spot}: {task}" for task in looked],
        expected="sizes that Fargate has",
        nothing="no file describes a task for Fargate",
    )


def _units(text: str) -> int | None:
    """CPU units or MiB: `1024`, `1 vCPU`, `2 GB`; None for what a variable decides."""
    found = UNITS.fullmatch(text.strip())
    return int(float(found["number"]) * (GIB if found["unit"] else 1)) if found else None


def ecs_health_checked(
    promise: Promise,
    platforms: PlatformFiles | None,
    terraform: TerraformFiles | None,
    *,
    path: str,
    interval: int,
    timeout: int,
    retries: int,
    files: str = "",
) -> Finding:
    """Every essential container of a task is asked for its health, so as to fail, as often as promised."""
    looked = list(_containers(tasks_of(platforms, terraform, files=files)))
    holes: list[Hole] = []
    for name, container in looked:
        check = container["healthCheck"]
        command = " ".join(check["command"].texts)
        if not check:
            what = f"{name} has no health check: ECS takes whatever runs for well"
            holes.append(Hole(spot=container.spot, what=what, fix=f"healthCheck: curl --fail {path}"))
            continue
        if path not in re.split(r"[\s:0-9]+|(?<=\w)(?=/)|\"|'", command) or not re.search(
            r"\s(-\w*f|--fail)|exit", command
        ):
            what = f"the health check of {name} does not ask {path} so as to fail: {command!r}"
            holes.append(Hole(spot=(check["command"] or check).spot, what=what, fix=f"curl --fail {path}"))
        for key, right in (("interval", interval), ("timeout", timeout), ("retries", retries)):
            if check[key].text != str(right):
                what = f"the health check of {name} has {key} {check[key].text or 'not said'}, not {right}"
                holes.append(Hole(spot=(check[key] or check).spot, what=what, fix=f"{key}: {right}"))
    return promise.judged(
        holes,
        looked=[f"{container.spot}: {name}" for name, container in looked],
        expected=f"{path} every {interval} s within {timeout} s, {retries} times",
        nothing="no file describes a task",
    )


def _containers(tasks: Iterator[Task]) -> Iterator[tuple[str, Node]]:
    for task in tasks:
        for container in task.containers:
            if container["essential"].value is not False:
                yield f"container {container['name'].text} of {task}", container


def ecs_secrets_referenced(
    promise: Promise, platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = ""
) -> Finding:
    """No task has a password, a key or a token among its plain variables."""
    looked = [
        (name, c) for task in tasks_of(platforms, terraform, files=files) for name, c in _containers(iter([task]))
    ]
    holes = [
        Hole(
            spot=entry["name"].spot,
            what=f"{name} has {kind} {entry['name'].text} in plain text: whoever may describe the task reads it",
            fix="secrets: valueFrom: the ARN of a secret",
        )
        for name, container in looked
        for entry in container["environment"].items
        if (kind := confidential(entry["name"].text, entry["value"]))
    ]
    return promise.judged(
        holes,
        looked=[f"{container.spot}: {name}" for name, container in looked],
        expected="passwords, keys and tokens under secrets",
        nothing="no file describes a task",
    )


def ecs_images_pinned(
    promise: Promise, platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = ""
) -> Finding:
    """Every container of a task runs an image whose tag stays."""
    tasks = tasks_of(platforms, terraform, files=files)
    looked = [
        (f"container {c['name'].text} of {task}", c["image"]) for task in tasks for c in task.containers if c["image"]
    ]
    holes = [
        Hole(
            spot=image.spot, what=f"{name} runs {image.text}, a tag that moves", fix="the tag of a release, or a digest"
        )
        for name, image in looked
        if image.text.endswith(":latest") or ("$" not in image.text and not re.search(r"[:@][^/]+$", image.text))
    ]
    return promise.judged(
        holes,
        looked=[f"{image.spot}: {image.text}" for _, image in looked],
        expected="images with the tag of a release",
        nothing="no file describes a task",
    )
