"""What containers use, by the engine's account of each. Imported only once a stack has started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from plimsoll.stacks.containers.engine import prepare
from plimsoll.stacks.containers.units import Unit
from plimsoll.stacks.metered import Usage

prepare()

from docker.errors import DockerException  # type: ignore[import-untyped] # noqa: E402 - after prepare(); ships no types

NANOSECONDS = 1_000_000_000
GIVEN_BACK = ("inactive_file", "total_inactive_file")
"""What the engine does not count as used either: files that the kernel forgets when memory is wanted (cgroup 2, 1)."""

SIDE_BY_SIDE = 8


def usage_of(units: Iterable[Unit]) -> Mapping[str, Usage]:
    """By role, what its containers use together; the engine is asked about all of them at once."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        told = list(pool.map(_of, units))
    found: dict[str, Usage] = {}
    for role, usage in (each for each in told if each is not None):
        known = found.get(role, Usage(cpu=0.0, memory=0))
        found[role] = Usage(
            cpu=known.cpu + usage.cpu,
            memory=known.memory + usage.memory,
            cpus=known.cpus + usage.cpus,
            most=known.most + usage.most,
        )
    return found


def _of(unit: Unit) -> tuple[str, Usage] | None:
    """One container; None where it is gone, or has used nothing yet."""
    try:
        said = unit.get_wrapped_container().stats(stream=False, one_shot=True)
    except DockerException:
        return None
    memory = said.get("memory_stats", {})
    if "usage" not in memory:
        return None
    files = next((memory["stats"][name] for name in GIVEN_BACK if name in memory.get("stats", {})), 0)
    frame = unit.blueprint.frame
    return unit.blueprint.service.role, Usage(
        cpu=said["cpu_stats"]["cpu_usage"]["total_usage"] / NANOSECONDS,
        memory=memory["usage"] - files,
        cpus=frame.cpus if frame else 0.0,
        most=frame.memory if frame else 0,
    )
