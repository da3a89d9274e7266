"""Containers as they run: as whom, with what limits, on which networks, how many."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import Container, RunningContainers

__all__ = [
    "containers_apart",
    "containers_counted",
    "containers_keep_data",
    "containers_limited",
    "containers_run_as",
    "redis_appends",
]

ANYBODY = -1
"""Any number but that of root."""


def containers_run_as(
    promise: Promise, seen: RunningContainers, *, roles: tuple[str, ...], uid: int = ANYBODY, gid: int = ANYBODY
) -> Finding:
    """Every process of these roles runs as this user and group; without a number as anybody but root."""
    found = list(seen.of(*roles))
    expected = f"{', '.join(roles)} as {_who(uid, gid)}"
    if not found or not all(container.processes for container in found):
        return promise.unknown(f"no process of {', '.join(roles)} was seen", expected=expected)
    evidence = [f"{c.name}: {p.name} as {p.uid}:{p.gid}" for c in found for p in c.processes]
    for container in found:
        for process in container.processes:
            if not _is(process.uid, uid) or gid not in (ANYBODY, process.gid):
                return promise.broken(
                    expected=expected,
                    actual=f"{process.uid}:{process.gid}",
                    message=f"{process.name} in {container.role} runs as {process.uid}:{process.gid}, "
                    f"not as {_who(uid, gid)}",
                    hint="USER in the image's Dockerfile, or user: in the compose file",
                    evidence=evidence,
                )
    return promise.kept(expected=expected, actual=evidence[0], evidence=evidence)


def containers_limited(promise: Promise, seen: RunningContainers, *, cpus: bool = False) -> Finding:
    """The kernel holds every container to a memory limit, and where that is promised to one for processors."""
    kinds = "memory and processors" if cpus else "memory"
    evidence = [
        f"{c.name}: {c.memory} bytes ({c.inside_memory} inside), {c.cpus:g} processors" for c in seen.containers
    ]
    planned = [container for container in seen.containers if container.role != "identity"]
    for container in planned:
        lacking = [*([] if container.memory else ["memory"]), *([] if container.cpus or not cpus else ["processor"])]
        if lacking:
            return _unlimited(promise, container, f"has no {' and no '.join(lacking)} limit", kinds, evidence)
        if container.inside_memory and container.inside_memory != container.memory:
            what = f"is held to {container.inside_memory} bytes, not to {container.memory}"
            return _unlimited(promise, container, what, kinds, evidence)
    return promise.kept(expected=f"{kinds} limited", actual=f"{len(planned)} containers with limits", evidence=evidence)


def containers_apart(promise: Promise, seen: RunningContainers, *, edge: str, data: tuple[str, ...]) -> Finding:
    """No connection from the edge to the data comes through, though those to what it passes requests to do."""
    expected = f"{edge} on no network of {', '.join(data)}"
    edges, others = list(seen.of(edge)), list(seen.of(*data))
    if not edges or {each.role for each in others} != set(data):
        return promise.unknown(f"{edge} or {', '.join(data)} does not run here", expected=expected)
    evidence = [f"{each.name} on {', '.join(each.networks)}" for each in (*edges, *others)]
    evidence += [f"{edge} -> {role}: {'open' if open_ else 'closed'}" for role, open_ in edges[0].reaches.items()]
    for one in edges:
        for other in others:
            shared = sorted(set(one.networks) & set(other.networks))
            if shared or one.reaches.get(other.role):
                how = f"both are on {shared[0]}" if shared else "a connection came through"
                return promise.broken(
                    expected=expected,
                    actual=how,
                    message=f"{edge} reaches {other.role}: {how}",
                    hint="networks of its own for what keeps data; only the application is on both",
                    evidence=evidence,
                )
        if not any(one.reaches.values()) or not all(role in one.reaches for role in data):
            return promise.unknown(
                f"no connection from {edge} came through, so closed ones tell nothing",
                expected=expected,
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual="no network in common", evidence=evidence)


def containers_counted(promise: Promise, seen: RunningContainers, *, role: str, count: int) -> Finding:
    """This many containers of the role run, each with its program in it."""
    running = [each for each in seen.of(role) if each.running and each.processes]
    evidence = [each.name for each in running]
    expected = f"{count} replicas of {role}"
    if len(running) != count:
        return promise.broken(
            expected=expected,
            actual=f"{len(running)} run",
            message=f"{len(running)} containers of {role} run, not {count}",
            hint=f"deploy: {{ replicas: {count} }}",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{count} run", evidence=evidence)


def containers_keep_data(promise: Promise, seen: RunningContainers, *, volumes: Mapping[str, str]) -> Finding:
    """Each of these roles has the volume of this name mounted: what is written there outlives the container."""
    expected = ", ".join(f"{role} on {volume}" for role, volume in volumes.items())
    found = list(seen.of(*volumes))
    if {each.role for each in found} != volumes.keys():
        return promise.unknown(f"not all of {', '.join(volumes)} run here", expected=expected)
    evidence = [f"{each.name}: {name} at {path}" for each in found for name, path in each.volumes.items()]
    for each in found:
        if volumes[each.role] not in each.volumes:
            said = ", ".join(each.volumes) or "no volume with a name"
            return promise.broken(
                expected=expected,
                actual=f"{each.role} on {said}",
                message=f"the running {each.role} has {said} mounted, not {volumes[each.role]}: its data goes with it",
                hint=f"volumes: [{volumes[each.role]}:/path/of/its/data]",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=f"{len(evidence)} volumes mounted", evidence=evidence)


def redis_appends(promise: Promise, seen: RunningContainers, *, role: str = "redis") -> Finding:
    """The running Redis says that it writes an append-only file."""
    said = [(each, each.settings.get("appendonly", "")) for each in seen.of(role)]
    expected = f"{role} with appendonly yes"
    if not said or not all(value for _, value in said):
        return promise.unknown(f"{role} does not say whether it appends", expected=expected)
    evidence = [f"{each.name}: appendonly {value}" for each, value in said]
    if wrong := [value for _, value in said if value != "yes"]:
        return promise.broken(
            expected=expected,
            actual=f"appendonly {wrong[0]}",
            message=f"the running {role} says appendonly {wrong[0]}: a crash loses what came after its last snapshot",
            hint="redis-server --appendonly yes",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual="appendonly yes", evidence=evidence)


def _unlimited(promise: Promise, container: Container, what: str, kinds: str, evidence: list[str]) -> Finding:
    return promise.broken(
        expected=f"{kinds} limited",
        actual=f"{container.role} {what}",
        message=f"{container.role} {what}",
        hint="deploy: { resources: { limits: { cpus: …, memory: … } } }",
        evidence=evidence,
    )


def _is(number: int, wanted: int) -> bool:
    return number > 0 if wanted == ANYBODY else number == wanted


def _who(uid: int, gid: int) -> str:
    who = "anybody but root" if uid == ANYBODY else str(uid)
    return who if gid == ANYBODY else f"{who}:{gid}"
