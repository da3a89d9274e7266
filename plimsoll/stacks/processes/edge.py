"""nginx on loopback, running the deployment's own configuration."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.configs.nginx import certificates
from plimsoll.stacks.processes.children import Children
from plimsoll.stacks.processes.launches import Launch, Site
from plimsoll.stacks.processes.nginx import Relocation
from plimsoll.stacks.processes.programs import give_away, has_ipv6, program
from plimsoll.wait import NotReady, wait_until

RELOAD_SECONDS = 5.0

LOGS = "/var/log/nginx"
"""Where every distribution's nginx writes its logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEdge:
    """One nginx service: its place on this machine, and the process that serves."""

    service: Service
    site: Site
    children: Children

    def start(self) -> None:
        """Nginx serves what the artefacts say."""
        self.render()
        command = (*self.command(), "-g", "daemon off;")
        role = self.service.role
        self.children.start(
            Launch(name=role, role=role, command=command, folder=self.folder, halting=signal.SIGQUIT)  # as its image's
        )

    def reload(self) -> None:
        """Nginx serves what was rendered last: its new workers run, and the old ones take no more requests."""
        master = self.children.pid(self.service.role)
        old = _workers(master)
        os.kill(master, signal.SIGHUP)
        try:
            wait_until(
                lambda: _workers(master),
                lambda now: bool(now - old) and all(_retires(pid) for pid in old & now),
                timeout=RELOAD_SECONDS,
                what="the reload of nginx",
            )
        except NotReady as error:
            words = f"nginx did not take the configuration over:\n{self.children.last_words(self.service.role)}"
            raise StackFailed(words, hint="its error log says why") from error

    def command(self) -> list[str]:
        """The program and the options that make it this edge."""
        return [
            program("nginx"),
            "-e",
            "stderr",
            "-p",
            str(self.folder),
            "-c",
            str(self.rendered / self.service.config),
        ]

    @property
    def folder(self) -> Path:
        """Where nginx keeps what it writes."""
        return self.site.home(self.service.role)

    @property
    def rendered(self) -> Path:
        """Where the relocated configuration lies."""
        return self.folder / "rendered"

    def render(self) -> None:
        """The configuration lies relocated where the command reads it."""
        shutil.rmtree(self.rendered, ignore_errors=True)
        self.folder.mkdir(mode=0o755, exist_ok=True)
        site, service = self.site, self.service
        logs = self.children.logs / service.role
        logs.mkdir(mode=0o755, exist_ok=True)
        given = certificates(service, site.artefacts, site.materials)
        Relocation(
            service=service,
            ports=site.ports[service.role][0],
            upstreams=site.upstreams(),
            artefacts=site.artefacts,
            rendered=self.rendered,
            files={
                **{inside: site.artefacts / artefact for artefact, inside in service.files.items()},
                **given,
                LOGS: logs,
            },
            private=self.folder,
            ipv6=has_ipv6(),
        ).render()
        give_away(logs, self.folder, *self.folder.rglob("*"), *given.values())


def _workers(master: int) -> frozenset[int]:
    """The process ids of nginx's workers."""
    with suppress(OSError):
        return frozenset(map(int, Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()))
    return frozenset()


def _retires(pid: int) -> bool:
    """Whether a worker only finishes what it has begun; nginx says so in its title."""
    with suppress(OSError):
        return b"shutting down" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True
