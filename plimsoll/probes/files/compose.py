"""What a compose file publishes, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Published, PublishedPorts

ARTEFACT = "compose"
DEVELOPMENT = "development"
"""What the artefact of a developer's machine is called: it stands behind no firewall of the deployment's."""

SHORT = re.compile(
    r"^(?:(?P<address>\[[0-9a-fA-F:.]+\]|[0-9]+(?:\.[0-9]+){3}):)?"
    r"(?:(?P<port>[0-9]+(?:-[0-9]+)?)?:)?(?P<inside>[0-9]+(?:-[0-9]+)?)(?:/(?P<protocol>\w+))?$"
)
"""The short syntax: [[address:]port:]inside[/protocol], ports being numbers or ranges."""

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^}]*))?[^}]*\}")


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
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CouldNotLook(f"{name} cannot be read: {str(error).splitlines()[0]}", hint="is it YAML?") from error
    for service, body in _items(_child(document, "services")):
        host = _child(body, "network_mode")
        if isinstance(host, yaml.ScalarNode) and host.value == "host":
            continue  # its ports are the host's own, and pass the host's firewall
        entries = _child(body, "ports")
        for entry in entries.value if isinstance(entries, yaml.SequenceNode) else ():
            for address, port, inside, protocol in _entry(entry, name):
                yield Published(
                    service=service,
                    address="" if address in ("0.0.0.0", "::") else address,
                    port=port,
                    inside=inside,
                    protocol=protocol,
                    file=name,
                    line=entry.start_mark.line + 1,
                )


def _entry(entry: yaml.Node, name: str) -> Iterator[tuple[str, int, int, str]]:
    """Address, port, port inside and protocol of everything that one entry publishes."""
    if isinstance(entry, yaml.MappingNode):
        said = {key: value.value for key, value in _items(entry) if isinstance(value, yaml.ScalarNode)}
        text = f"{said.get('published', '')}:{said.get('target', '')}/{said.get('protocol', 'tcp')}"
        address = said.get("host_ip", "")
    else:
        text, address = str(entry.value), ""
    match = SHORT.match(VARIABLE.sub(lambda found: found["default"] or "", text))
    if match is None:
        raise CouldNotLook(
            f"{name}:{entry.start_mark.line + 1}: cannot tell which port {text!r} publishes",
            hint="[address:]port:inside, or a table with published and target",
        )
    if not match["port"]:
        return  # the engine chooses a port that nobody else can know
    address = (match["address"] or address).strip("[]")
    outside, inside = _range(match["port"]), _range(match["inside"])
    for number, port in enumerate(outside):
        yield address, port, inside[min(number, len(inside) - 1)], (match["protocol"] or "tcp").lower()


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value


def _child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _items(node) if key == name), None)
