"""What one entry of a compose file's `ports` publishes, in either syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.node import Node

SHORT = re.compile(
    r"^(?:(?P<address>\[[0-9a-fA-F:.]+\]|[0-9]+(?:\.[0-9]+){3}):)?"
    r"(?:(?P<port>[0-9]{1,5}(?:-[0-9]{1,5})?)?:)?(?P<inside>[0-9]{1,5}(?:-[0-9]{1,5})?)(?:/(?P<protocol>\w+))?$"
)
"""The short syntax: [[address:]port:]inside[/protocol], ports being numbers or ranges."""

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^}]*))?[^}]*\}")
EVERYWHERE = ("0.0.0.0", "::")
MOST = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A port of the host and the port inside that it leads to.

    `address` is the host's that it is bound to, "" for any; `port` 0 is one that the engine chooses. `trouble` is set
    where nobody can tell.
    """

    port: int
    inside: int
    spot: Spot
    address: str = ""
    protocol: str = "tcp"
    trouble: str = ""

    @property
    def local(self) -> bool:
        """Whether only the host itself reaches it."""
        return self.address.startswith("127.") or self.address == "::1"


def mapped(entry: Node) -> Iterator[Mapped]:
    """Everything that one entry publishes."""
    if entry.is_table:
        said = {key: entry[key].text for key in entry.keys}
        text = f"{said.get('published', '')}:{said.get('target', '')}/{said.get('protocol', 'tcp')}"
        address = said.get("host_ip", "")
    else:
        text, address = entry.text, ""
    match = SHORT.match(VARIABLE.sub(lambda found: found["default"] or "", text))
    if match is None:
        yield Mapped(port=0, inside=0, spot=entry.spot, trouble=f"cannot tell which port {text!r} publishes")
        return
    address = (match["address"] or address).strip("[]")
    outside, inside = _range(match["port"] or "0"), _range(match["inside"])
    for number, port in enumerate(outside):
        yield Mapped(
            port=port,
            inside=inside[min(number, len(inside) - 1)] if inside else 0,
            spot=entry.spot,
            address="" if address in EVERYWHERE else address,
            protocol=(match["protocol"] or "tcp").lower(),
        )


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), min(int(last or first), MOST) + 1)
