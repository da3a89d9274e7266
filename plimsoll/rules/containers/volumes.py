"""Where compose files keep data: volumes, paths of the host, append-only logs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Service
from plimsoll.rules.containers.services import FOLDERS, chosen, services_of

__all__ = ["append_only_log", "data_bound_to_host", "data_on_volumes", "volumes_named"]

APPEND = re.compile(r"--appendonly\s+[\"']?(\w+)")


def data_on_volumes(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """What databases must not lose lies on a volume with a name, or at a path of the host."""
    services = [s for s in services_of(compose, files=files) if s.program in FOLDERS and s.whole]
    holes = list[Hole]()
    for service in services:
        folders = FOLDERS[service.program]
        kept = [mount for mount in service.mounts if mount.target.rstrip("/") in (*folders, _pgdata(service))]
        if not any(mount.source for mount in kept):
            place = kept[0].spot if kept else (service.node["volumes"] or service.node).spot
            what = f"the data of {service.name} is lost with its container: no volume with a name at {folders[0]}"
            holes.append(Hole(spot=place, what=what, fix=f"volumes: [{service.name}_data:{folders[0]}]"))
    return promise.judged(
        holes,
        looked=[service.where for service in services],
        expected="data on volumes with names",
        nothing="no compose file runs a database",
    )


def volumes_named(promise: Promise, compose: ComposeFiles, *, volumes: Mapping[str, str], files: str = "") -> Finding:
    """Each of these services keeps its data on the volume of this name, which outlives its container."""
    found, holes = chosen(compose, tuple(volumes), files=files)
    for service in found:
        wanted = volumes[service.name]
        declared = service.document.root["volumes"]
        if wanted not in [mount.source for mount in service.mounts]:
            what = f"{service.name} does not keep its data on the volume {wanted}"
            holes.append(Hole(spot=service.node["volumes"].spot, what=what, fix=f"volumes: [{wanted}:…]"))
        elif wanted not in declared.keys:
            what = f"the volume {wanted} of {service.name} is not declared"
            holes.append(Hole(spot=declared.spot, what=what, fix=f"volumes: {{ {wanted}: }}"))
    return promise.judged(
        holes,
        looked=[service.where for service in found],
        expected=", ".join(f"{service} on {volume}" for service, volume in volumes.items()),
    )


def data_bound_to_host(
    promise: Promise, compose: ComposeFiles, *, service: str, inside: str, path: str, files: str = ""
) -> Finding:
    """The service's data lies at this path of the host: mounted itself, or as the device of a volume."""
    found, holes = chosen(compose, (service,), files=files)
    for each in found:
        mounts = [mount for mount in each.mounts if mount.target.rstrip("/") == inside]
        volume = each.document.root["volumes"][mounts[-1].source] if mounts else each.node["volumes"]
        options = volume["driver_opts"]
        device = options["device"].text if options["o"].text == "bind" else ""
        place = (mounts[-1].source if mounts and not mounts[-1].named else device).rstrip("/")
        if place != path:
            spot = (options["device"] or volume).spot if mounts and volume else each.node["volumes"].spot
            what = f"the data of {each.name} lies at {place or 'no fixed path of the host'}, not at {path}"
            holes.append(Hole(spot=spot, what=what, fix=f"driver_opts: {{ type: none, o: bind, device: {path} }}"))
    return promise.judged(holes, looked=[each.where for each in found], expected=f"{inside} of {service} at {path}")


def append_only_log(promise: Promise, compose: ComposeFiles, *, service: str, files: str = "") -> Finding:
    """The Redis of this name is told to write every change to its append-only file."""
    found, holes = chosen(compose, (service,), files=files)
    for each in found:
        said = APPEND.findall(each.command)
        if said[-1:] != ["yes"]:
            how = f"--appendonly {said[-1]}" if said else "no --appendonly"
            what = f"{each.name} keeps no append-only file: its command says {how}"
            holes.append(Hole(spot=each.node["command"].spot, what=what, fix="command: redis-server --appendonly yes"))
    return promise.judged(holes, looked=[each.where for each in found], expected=f"{service} with appendonly yes")


def _pgdata(service: Service) -> str:
    stated = service.environment.get("PGDATA")
    return stated.text.rstrip("/") if stated else ""
