"""Where services keep their data, what of it outlives their machine, and what that lies on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from plimsoll.model import Deployment, Service
from plimsoll.stacks.containers.blueprints import UPLOADS, Frame, uploads_inside
from plimsoll.stacks.environment import read_environment

DATA: Mapping[str, str] = {"postgres": "/var/lib/postgresql/data", "redis": "/data"}
"""Where the official images of these recipes keep their data."""

MOUNTS = Path("/proc/self/mounts")


def foreign_places(deployment: Deployment, artefacts: Path, role: str) -> tuple[str, ...]:
    """The paths in that role's own machine that the settings of the scripts name."""
    recovery = deployment.recovery
    if recovery is None or not recovery.inside:
        return ()
    said = read_environment(artefacts / recovery.environment)
    return tuple(said[name] for name, inside in recovery.inside.items() if inside == role and name in said)


def uploads_are_lost(deployment: Deployment, service: Service, frames: Mapping[str, Frame]) -> bool:
    """Whether uploads go with the service's machine: it is the one that clients write through, and has no volume."""
    applications = (role for role, each in deployment.services.items() if each.recipe == "app")
    writer = deployment.recovery.writer if deployment.recovery else next(applications, "")
    return service.role == writer and service.role in frames and uploads_inside(frames[service.role]) == UPLOADS


def removed(path: Path) -> None:
    """A file, or a folder with all that is in it, is gone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def empty(folder: Path) -> None:
    """Nothing is left in the folder."""
    for path in folder.iterdir():
        removed(path)


def relocated(text: str, prefixes: tuple[str, ...], machine: Path) -> str:
    """The text with every path below one of these in the folder that a service's machine is here."""
    if not prefixes:
        return text
    known = "|".join(re.escape(prefix) for prefix in sorted(prefixes, key=len, reverse=True))
    return re.sub(rf"(?<![\w./-])(?=(?:{known})(?![\w.-]))", lambda _: str(machine), text)


def medium_of(folder: Path, *, durable: bool) -> str:
    """The kind of file system that a folder is on, and whether a database's writes wait for it."""
    waits = "fsync" if durable else "no fsync"
    try:
        lines = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return f"disk, {waits}"
    mounts = [(where, kind) for _, where, kind, *_ in lines if folder.resolve().is_relative_to(where)]
    kind = max(mounts, key=lambda mount: len(mount[0]), default=("/", "disk"))[1]
    return kind if kind == "tmpfs" else f"{kind}, {waits}"
