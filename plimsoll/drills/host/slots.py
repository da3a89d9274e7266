"""A deployment with the slots that its releases run in, and an edge that lets a client ask as often as it likes."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from plimsoll.model import Deployment

RATE = re.compile(r"(\blimit_req_zone\b[^;]*\brate=)\d+r/[sm]")
CONNECTIONS = re.compile(r"(\blimit_conn\s+\w+\s+)\d+")
PLENTY = 60_000
"""More than a drill's client ever asks: what one client may ask is not what a drill of releases is about."""


def with_slots(deployment: Deployment) -> Deployment:
    """The deployment with every slot a service of its own, like the first of them, and so every spare server."""
    rollout = deployment.rollout
    if rollout is None:
        return deployment
    first = deployment.services[rollout.role]
    slots = {role: replace(first, role=role) for role in rollout.slots}
    spares = {role: replace(first, role=role, replicas=1) for role in rollout.spares}
    return replace(deployment, services={**slots, **spares, **deployment.services})


def without_limits(deployment: Deployment, folder: Path) -> Path:
    """A copy of the deployment's artefacts, in that folder, whose edge limits neither rate nor connections."""
    shutil.copytree(deployment.root, folder, symlinks=True)
    for service in deployment.services.values():
        if service.recipe != "nginx":
            continue
        for place in (folder / service.config, *(folder / name for name in service.files)):
            for file in [place] if place.is_file() else sorted(place.rglob("*.conf")):
                text = file.read_text(encoding="utf-8")
                text = RATE.sub(rf"\g<1>{PLENTY}r/s", text)
                file.write_text(CONNECTIONS.sub(rf"\g<1>{PLENTY}", text), encoding="utf-8")
    return folder
