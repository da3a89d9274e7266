"""What a compose file publishes, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import trees
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Published, PublishedPorts
from plimsoll.observations.artefacts import ComposeFiles, Kind, SourceFile

ARTEFACT = "compose"
DEVELOPMENT = "development"
"""What the artefact of a developer's machine is called: it stands behind no firewall of the deployment's."""

ANY = "*"


def survey(deployment: Deployment, root: Path) -> PublishedPorts:
    """Every port that the deployment's compose files (not those for development) publish. Raises CouldNotLook."""
    files = [
        path
        for name, path in deployment.artefacts.items()
        if name.startswith(ARTEFACT) and DEVELOPMENT not in name and path.endswith((".yml", ".yaml"))
    ]
    if not files:
        raise OutOfReach("no compose file is among this deployment's artefacts", hint='[artefacts] compose = "…"')
    ports = tuple(port for file in files for port in read(root / file, file))
    zones = {zone.name: zone.reaches for zone in deployment.zones.values()}
    return PublishedPorts(files=tuple(files), ports=ports, zones=zones, seen_at=datetime.now(UTC))


def read(path: Path, name: str) -> Iterator[Published]:
    """Every port that a compose file publishes. Raises CouldNotLook when it cannot be read."""
    for service in parsed(path, name).services(files=ANY):
        for each in service.ports:
            if each.trouble:
                raise CouldNotLook(
                    f"{each.spot}: {each.trouble}", hint="[address:]port:inside, or a table with published and target"
                )
            if each.port:  # else the engine chooses one that nobody else can know
                yield Published(
                    service=service.name,
                    address=each.address,
                    port=each.port,
                    inside=each.inside,
                    protocol=each.protocol,
                    file=name,
                    line=each.spot.line,
                )


def parsed(path: Path, name: str) -> ComposeFiles:
    """One compose file. Raises CouldNotLook when it cannot be read."""
    try:
        source = SourceFile(name=name, kind=Kind.COMPOSE, text=path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CouldNotLook(f"{name} cannot be read: {error}", hint="is it YAML?") from error
    reading = trees.read(source)
    if reading.troubles:
        raise CouldNotLook(f"{name} cannot be read: {reading.troubles[0].what}", hint="is it YAML?")
    return ComposeFiles(sources=(source,), documents=tuple(reading.documents), seen_at=datetime.now(UTC))
