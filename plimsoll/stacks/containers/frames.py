"""What a deployment's compose file and Dockerfiles say of how each container runs: user, limits, networks, replicas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import dockerfile, trees
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import ComposeFiles, Kind, Service, SourceFile
from plimsoll.stacks.containers.blueprints import BACKEND, FRONTEND, Blueprint, Frame
from plimsoll.stacks.volumes import DATA

ARTEFACT = "compose"
LANES = {FRONTEND: False, BACKEND: True}
"""Networks where no compose file names any, and whether they reach nothing outside."""

NUMBERED = re.compile(r"[0-9]+(:[0-9]+)?$")
"""A user that needs no name in the image: another image may stand in for the one that has the name."""

SIZE = re.compile(r"(?P<figure>[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?P<unit>[kmg]?)i?b?$", re.IGNORECASE)
UNNAMEABLE = re.compile(r"[^A-Za-z0-9_.-]+")
"""What no volume's name may hold; a path of the host that data lies at is a volume here, as it outlives containers."""

UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
OPTION = re.compile(r"--(appendonly|appendfsync|save)\s+(\"[^\"]*\"|\S+)")
"""What redis-server's command line says of keeping data (redis.io, persistence)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The frame of every service that the compose file has, by role, and its networks: whether each is internal."""

    frames: Mapping[str, Frame] = field(default_factory=dict)
    lanes: Mapping[str, bool] = field(default_factory=lambda: LANES)

    def framed(self, blueprint: Blueprint) -> Blueprint:
        """The blueprint as the compose file has it run; what no compose file has is on all of its networks."""
        frame = self.frames.get(blueprint.service.role)
        if not self.frames:
            return blueprint
        known = tuple(name for name in frame.networks if name in self.lanes) if frame else ()
        return replace(blueprint, frame=frame or Frame(), networks=known or tuple(self.lanes))

    def replicas(self, role: str, otherwise: int) -> int:
        """How many of a service run."""
        frame = self.frames.get(role)
        return frame.replicas if frame and frame.replicas > 1 else otherwise


def read_plan(deployment: Deployment, artefacts: Path) -> Plan:
    """The plan in a folder of artefacts; of one without a compose file that says nothing."""
    name = deployment.artefacts.get(ARTEFACT, "")
    source = _source(artefacts, name, Kind.COMPOSE) if name else None
    if source is None:
        return Plan()
    compose = ComposeFiles(sources=(source,), documents=tuple(trees.read(source).documents), seen_at=datetime.now(UTC))
    services = list(compose.services(files=name))
    stated = {
        lane: document.root["networks"][lane]
        for document in compose.documents
        for lane in document.root["networks"].keys
    }
    lanes = {lane: node["internal"].value is True for lane, node in stated.items()}
    for service in services:
        lanes |= {network: False for network in service.networks if network not in lanes}
    frames = {service.name: _frame(service, artefacts) for service in services}
    return Plan(frames=frames, lanes=lanes or LANES)


def _frame(service: Service, artefacts: Path) -> Frame:
    limits = service.node.at("deploy.resources.limits")
    cpus = (limits["cpus"] or service.node["cpus"]).text
    return Frame(
        user=_user(service, artefacts),
        memory=_bytes((limits["memory"] or service.node["mem_limit"]).text),
        cpus=float(cpus) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", cpus) else 0.0,
        networks=service.networks,
        replicas=service.replicas,
        volumes=tuple(
            (UNNAMEABLE.sub("-", mount.source.strip("./~$")), mount.target)
            for mount in service.mounts
            if mount.target and (mount.named or (mount.source and _is_data(mount.target)))
        ),
        options=tuple((name, value.strip('"') or '""') for name, value in OPTION.findall(service.command)),
    )


def _is_data(target: str) -> bool:
    return target in DATA.values() or "uploads" in Path(target).parts


def _user(service: Service, artefacts: Path) -> str:
    """The number that compose says, else the one that the image's own recipe says: ours may stand in for that image."""
    stated = service.node["user"].text
    if not stated and service.recipe:
        source = _source(artefacts, service.recipe, Kind.DOCKERFILE)
        recipes = dockerfile.observe((source,), datetime.now(UTC)).recipes if source else ()
        last = recipes[0].inherited(recipes[0].final, "USER") if recipes else None
        stated = last.text if last else ""
    stated = {"root": "0:0"}.get(stated, stated)
    return stated if NUMBERED.match(stated) else ""


def _bytes(text: str) -> int:
    match = SIZE.match(text)
    return int(float(match["figure"]) * UNITS[match["unit"].lower()]) if match else 0


def _source(artefacts: Path, name: str, kind: Kind) -> SourceFile | None:
    file = artefacts / name
    try:
        return SourceFile(name=name, kind=kind, text=file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
