"""nginx on loopback, running the deployment's own configuration."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.materials import Materials
from plimsoll.stacks.processes.children import Children
from plimsoll.stacks.processes.nginx import Relocation
from plimsoll.stacks.processes.programs import give_away, program
from plimsoll.wait import NotReady, wait_until

RELOAD_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEdge:
    """The edge of one stack: its service, where its files and ports are, and the process that serves."""

    service: Service
    artefacts: Path
    folder: Path
    materials: Materials
    ports: Mapping[int, int]
    upstreams: Mapping[str, Sequence[str]]
    children: Children

    def start(self) -> None:
        """Nginx serves what the artefacts say."""
        self.render()
        self.children.start("edge", [*self.command(), "-g", "daemon off;"], self.folder)

    def reload(self) -> None:
        """Nginx serves what was rendered last: its new workers run, and the old ones take no more requests."""
        master = self.children.pid("edge")
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
            words = f"nginx did not take the configuration over:\n{self.children.last_words('edge')}"
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
    def rendered(self) -> Path:
        """Where the relocated configuration lies."""
        return self.folder / "rendered"

    def render(self) -> None:
        """The configuration lies relocated where the command reads it."""
        shutil.rmtree(self.rendered, ignore_errors=True)
        self.folder.mkdir(mode=0o755, exist_ok=True)
        files = {inside: self.artefacts / artefact for artefact, inside in self.service.files.items()}
        Relocation(
            service=self.service,
            ports=self.ports,
            upstreams=self.upstreams,
            artefacts=self.artefacts,
            rendered=self.rendered,
            files={**files, self.service.certificate: self.materials.certificate, self.service.key: self.materials.key},
            private=self.folder,
        ).render()
        give_away(self.folder, *self.folder.rglob("*"), self.materials.key)


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
