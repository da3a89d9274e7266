"""That whoever asks a service for its health asks for the same path: compose, the image, the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Dockerfiles, Manifests, Node
from plimsoll.rules.agreement.addresses import number

__all__ = ["health_paths_agree"]

ASKED = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(?P<port>[0-9]{1,5})(?P<path>/[^\s\"'?#|;&]*)?")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question for health: the port inside and the path."""

    port: int
    path: str
    spot: Spot


def health_paths_agree(
    promise: Promise,
    compose: ComposeFiles,
    dockerfiles: Dockerfiles | None,
    manifests: Manifests | None,
    *,
    paths: tuple[str, ...] = (),
    port: int = 0,
) -> Finding:
    """Compose, the image and the cluster ask a port for its health at the paths promised, or else at the cluster's."""
    probes = list(_probes(manifests)) if manifests else []
    asked = [*_compose(compose), *(_images(dockerfiles) if dockerfiles else ())]
    looked, holes = list[str](), list[Hole]()
    for each in (*asked, *probes) if paths else asked:
        if port not in (0, each.port):
            continue
        others = [probe for probe in probes if probe.port == each.port]
        known = paths or tuple(probe.path for probe in others)
        if not known:
            continue
        looked.append(f"{each.spot}: {each.port}{each.path}")
        if each.path not in known:
            where = "the paths that are promised are" if paths else "the cluster asks that port at"
            what = (
                f"health is asked for at {each.path} on port {each.port}, and {where} {', '.join(dict.fromkeys(known))}"
            )
            beside = () if paths else (others[0].spot,)
            holes.append(Hole(spot=each.spot, what=what, fix=known[0], beside=beside))
    return promise.judged(
        holes,
        looked=looked,
        expected=f"health asked for at {', '.join(paths)}" if paths else "one set of paths for a port's health",
        nothing="nobody asks a port for its health that the cluster asks, too",
    )


def _compose(compose: ComposeFiles) -> Iterator[Question]:
    for service in compose.services():
        test = service.node.at("healthcheck.test")
        yield from _read(" ".join(test.texts), test.spot)


def _images(dockerfiles: Dockerfiles) -> Iterator[Question]:
    for recipe in dockerfiles.meant():
        if check := recipe.inherited(recipe.final, "HEALTHCHECK"):
            yield from _read(" ".join(check.words), check.spot)


def _read(command: str, spot: Spot) -> Iterator[Question]:
    for found in ASKED.finditer(command):
        yield Question(port=int(found["port"]), path=found["path"] or "/", spot=spot)


def _probes(manifests: Manifests) -> Iterator[Question]:
    for document in manifests.for_production().documents:
        for container in (each for node in document.root.walk() for each in node["containers"]):
            for kind in PROBES:
                asked = container[kind]["httpGet"]
                if asked["path"] and (port := _port(container, asked["port"])):
                    yield Question(port=port, path=asked["path"].text, spot=asked["path"].spot)


def _port(container: Node, stated: Node) -> int:
    """The number of a probe's port; that of a container's port where it is a name."""
    named = [each["containerPort"].text for each in container["ports"] if each["name"].text == stated.text]
    return number(stated.text) or (number(named[0]) if named else 0)
