"""Which ports of the deployment's host can be reached from inside each of its zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.model import Deployment
from plimsoll.observations import FileLine, Published, Reachability, Reached
from plimsoll.stacks.ground.ground import RECIPE, Connection, Ground, Stood

UNNAMED = (31337, 2323, 8088, 49152)
"""Ports that nobody names, as long as nobody does: two of them are tried to see what happens by default."""

LAST_WORDS = 3


def survey(ground: Ground, deployment: Deployment, root: Path, published: tuple[Published, ...]) -> Reachability:
    """Every zone's connections to every port that is named anywhere, before and after the firewall stands."""
    named = named_ports(deployment, published)
    unnamed = tuple(port for port in UNNAMED if port not in named)[:2]
    stood = ground.stand([*named, *unnamed], passed_on(published))
    trouble = stood.published.strip()
    return Reachability(
        rows=tuple(_rows(stood)),
        zones={zone.name: zone.reaches for zone in deployment.zones.values()},
        unnamed=unnamed,
        outgoing=tuple(_reached(each, control=True) for each in stood.outgoing),
        published=published,
        rules=tuple(firewall_lines(deployment, root)),
        refusal=" / ".join(stood.firewall.output.strip().splitlines()[-LAST_WORDS:]) if stood.firewall.code else "",
        status=stood.status.strip(),
        trouble=f"the ports that compose publishes could not be: {trouble}" if trouble else "",
        seen_at=datetime.now(UTC),
    )


def passed_on(published: Iterable[Published]) -> tuple[tuple[str, int, int], ...]:
    """What an engine passes on from the host: address, port and the container's port."""
    return tuple((e.address, e.port, e.inside) for e in published if e.protocol == "tcp" and not e.local)


def named_ports(deployment: Deployment, published: tuple[Published, ...]) -> tuple[int, ...]:
    """Every TCP port that the deployment's services, its zones or its compose file name."""
    return tuple(
        sorted(
            {port for service in deployment.services.values() for port in service.ports}
            | {port for zone in deployment.zones.values() for port in zone.reaches}
            | {port for _, port, _ in passed_on(published)}
        )
    )


def firewall_lines(deployment: Deployment, root: Path) -> Iterator[FileLine]:
    """The lines of the firewall's own file that say something."""
    for service in deployment.services.values():
        if service.recipe == RECIPE and service.config:
            yield from lines_of(root / service.config, service.config)


def lines_of(path: Path, name: str) -> Iterator[FileLine]:
    """The lines of a file that say something."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if said := line.partition("#")[0].strip():
            yield FileLine(file=name, line=number, text=said)


def _rows(stood: Stood) -> Iterator[Reached]:
    before: Mapping[tuple[str, str, int], str] = {(e.zone, e.address, e.port): e.state for e in stood.before}
    for each in stood.after:
        yield _reached(each, control=before.get((each.zone, each.address, each.port)) == "open")


def _reached(each: Connection, *, control: bool) -> Reached:
    return Reached(
        zone=each.zone,
        family="IPv6" if ":" in each.address else "IPv4",
        address=each.address,
        port=each.port,
        state=each.state,
        by=each.by if each.by == "container" else "",
        control=control,
        listens=True,
    )
