"""That what compose publishes is what the host's firewall lets in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Purpose, Scripts
from plimsoll.rules.containers.exposure import open_ports

__all__ = ["published_behind_firewall"]

DENIED = re.compile(r"^\s*(?:sudo\s+)?ufw\s+default\s+(?:deny|reject)\s+incoming\b")
ALLOWED = re.compile(r"^\s*(?:sudo\s+)?ufw\s+(?:allow|limit)\s+(?P<rule>[^#;&|]*)")
NAMED = {
    "http": (80,),
    "https": (443,),
    "ssh": (22,),
    "openssh": (22,),
    "nginx full": (80, 443),
    "nginx http": (80,),
    "nginx https": (443,),
}
"""Services and profiles that ufw knows by name (/etc/services, /etc/ufw/applications.d)."""

PORTS = re.compile(r"(?:^|port\s+)([0-9]{1,5}(?:[:,][0-9]{1,5})*)(?:/(?:tcp|udp))?(?=\s|$)")
RESTRICTED = re.compile(r"\bfrom\s+(?!any\b)\S+|\bin\s+on\s+\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Ports that a line of a firewall's script opens: to everybody, or only to some."""

    ports: tuple[range, ...]
    everybody: bool
    spot: Spot


def published_behind_firewall(promise: Promise, compose: ComposeFiles, scripts: Scripts) -> Finding:
    """No port is published on all addresses that the host's firewall is meant to keep closed: it is never asked."""
    walls = list(_walls(scripts))
    holes, looked = list[Hole](), list[str]()
    for denied, opened in walls:
        for service in compose.services():
            for port in open_ports(service):
                looked.append(f"{port.spot}: {service.name} {port.port or 'any'}, {denied}")
                lines = [each for each in opened if any(port.port in ports for ports in each.ports)]
                if any(each.everybody for each in lines):
                    continue
                spot, meant = (lines[0].spot, "only to some") if lines else (denied, "to nobody")
                what = f"{service.name} is published on every address, port {port.port or 'any'}, which the firewall "
                what += f"opens {meant}: the engine passes connections on before ufw is asked"
                fix = f'"127.0.0.1:{port.port}:{port.inside}", or not at all'
                holes.append(Hole(spot=port.spot, what=what, fix=fix, beside=(spot,)))
    return promise.judged(
        holes,
        looked=looked or ([str(walls[0][0])] if walls else []),
        expected="published ports that the firewall opens, too",
        nothing="no script sets up ufw",
    )


def _walls(scripts: Scripts) -> Iterator[tuple[Spot, list[Opened]]]:
    """Where each script closes what it does not open, and what it opens."""
    for source in scripts.of():
        if source.purpose not in (Purpose.PRODUCTION, Purpose.STAGING):
            continue
        denied, opened = None, list[Opened]()
        for number, line in enumerate(source.text.splitlines(), start=1):
            if DENIED.match(line):
                denied = source.spot(number)
            elif (rule := ALLOWED.match(line)) and (ports := tuple(_ports(rule["rule"]))):
                everybody = not RESTRICTED.search(rule["rule"])
                opened.append(Opened(ports=ports, everybody=everybody, spot=source.spot(number)))
        if denied:
            yield denied, opened


def _ports(rule: str) -> Iterator[range]:
    plain = rule.strip().strip("\"'").lower()
    yield from (range(port, port + 1) for port in NAMED.get(plain, ()))
    for found in PORTS.findall(rule.strip()):
        for part in found.split(","):
            first, _, last = part.partition(":")
            yield range(int(first), int(last or first) + 1)
