"""The stand-in application on loopback, in each of its parts: serving, working, and what stands in for others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.model import Service
from plimsoll.stacks.artefacts import digest
from plimsoll.stacks.clocks import preloading
from plimsoll.stacks.processes.launches import Launch, Site
from plimsoll.stacks.processes.programs import LOOPBACK

APPLICATION = Path(__file__).parents[3] / "fixtures" / "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """One part of the stand-in application, by the subcommand that starts it.

    Where it forks, all replicas are one command, which imports everything once; else, and where they are not all to run
    alike, each is a process of its own.
    """

    command: tuple[str, ...]
    forks: bool = False
    program: str = "python3"

    def launches(self, service: Service, site: Site) -> Sequence[Launch]:
        """One launch for all replicas, or one for each."""
        ports = [list(replica.values()) for replica in site.ports[service.role]]
        forks = self.forks and not site.alone(service.role)
        groups = [[port for replica in ports for port in replica]] if forks else ports
        variables = [site.surroundings.variables(service, number=number) for number in range(1, len(groups) + 1)]
        return [
            Launch(
                name=service.role if len(groups) == 1 else f"{service.role}-{number}",
                role=service.role,
                command=(*preloading(own), sys.executable, "-m", "standin", *self.command, *_listening(group)),
                folder=site.home(service.role),
                environment={**own, "PYTHONPATH": str(APPLICATION)},
                files=site.certificate(service),
                reads=site.reads(service) + digest(site.materials.folder, [site.materials.jwt_public.name]),
                as_us=True,
            )
            for number, (group, own) in enumerate(zip(groups, variables, strict=True), start=1)
        ]


def _listening(ports: Sequence[int]) -> list[str]:
    """The options that name where to listen; none for who listens nowhere."""
    return ["--host", LOOPBACK, *(word for port in ports for word in ("--port", str(port)))] if ports else []
