"""What becomes of strangers who try passwords at the deployment's host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.model import Deployment
from plimsoll.observations import Ban, Bans, FileLine, Published
from plimsoll.probes.firewall import ports
from plimsoll.probes.firewall.ports import lines_of
from plimsoll.stacks.ground.ground import RECIPE, Attacked, Ground

JAILS = "/etc/fail2ban/"
USUAL = {"ssh": 22, "http": 80}


def survey(
    ground: Ground, deployment: Deployment, root: Path, jails: Sequence[tuple[str, str]], published: Sequence[Published]
) -> Bans:
    """What fail2ban, told by the deployment's own files, does at each jail's service (ssh, http)."""
    ground.stand(
        (), ports.passed_on(published)
    )  # the watchman works beside the firewall, with the files as they are now
    refusal, attacked = ground.attacked([(jail, service, _zone(deployment, service)) for jail, service in jails])
    services = dict(jails)
    return Bans(
        bans=tuple(_ban(each, services[each.jail], published) for each in attacked),
        refusal=refusal,
        lines=tuple(jail_lines(deployment, root)),
        seen_at=datetime.now(UTC),
    )


def _zone(deployment: Deployment, service: str) -> str:
    """The first zone that may reach the service at its usual port, else the first: strangers try where they can."""
    zones = deployment.zones.values()
    return next((zone.name for zone in zones if USUAL[service] in zone.reaches), next(iter(deployment.zones)))


def jail_lines(deployment: Deployment, root: Path) -> Iterator[FileLine]:
    """The lines of the deployment's own files for fail2ban that say something."""
    for service in deployment.services.values():
        for artefact, inside in service.files.items():
            if service.recipe == RECIPE and inside.startswith(JAILS) and (root / artefact).is_file():
                yield from lines_of(root / artefact, artefact)


def number(text: str) -> int | None:
    """The whole number that fail2ban says, or None."""
    return int(text) if text.removeprefix("-").isdecimal() else None


def _ban(seen: Attacked, service: str, published: Sequence[Published]) -> Ban:
    passed_on = [each.where for each in published if each.port == seen.port and not each.local]
    return Ban(
        jail=seen.jail,
        service=service,
        max_retry=number(seen.maxretry),
        ban_seconds=number(seen.bantime),
        tries=seen.tries,
        before=seen.before,
        after=seen.after,
        neighbour=seen.bystander,
        listed=seen.listed,
        released=seen.released,
        shortened=seen.shortened,
        published=passed_on[0] if passed_on else "",
    )
