"""A live target that is none of ours: a real server with a configuration of its own, which can be exchanged."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from plimsoll.deployment import read_deployment
from plimsoll.errors import NotTaken
from plimsoll.model import Deployment
from plimsoll.promises import HOME
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.processes.programs import free_ports, program
from plimsoll.stacks.readiness import status_of
from plimsoll.wait import wait_until
from tests.strangers.papers import Papers

STRANGERS = HOME / "fixtures" / "strangers"
SHOP = Path(__file__).with_name("shop.py")
CLIENTS_PER_NET = 250
NOT_YET = (502, 503, 504)
READY_SECONDS = 5.0
TEST: Mapping[str, Sequence[str]] = {"nginx": ("-t", "-q", "-e", "stderr", "-c"), "haproxy": ("-c", "-q", "-f")}
SERVE: Mapping[str, Sequence[str]] = {"nginx": ("-e", "stderr", "-c"), "haproxy": ("-db", "-f")}
FILE = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}


class Stranger(LiveStack):
    """A running server of that program. Its methods and doors are those of every live target."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._serving: subprocess.Popen[bytes] | None = None
        self.deployment: Deployment = read_deployment(folder / "deployment.toml")
        self._clients = count(1)
        super().__init__(self.deployment)

    def client_address(self) -> str:
        """A loopback address that nobody used here: none waits for another's allowance to come back."""
        net, host = divmod(next(self._clients), CLIENTS_PER_NET)
        return f"127.77.{net}.{host + 1}"

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The server was started anew with the configuration in that folder."""
        assert not settings, "a stranger has no settings"
        config = artefacts / FILE[self.name]
        tested = subprocess.run([program(self.name), *TEST[self.name], config], capture_output=True, check=False)
        if tested.returncode:
            raise NotTaken(f"{self.name} refuses the configuration: {tested.stderr.decode()}")
        self.stop()
        self._serving = subprocess.Popen([program(self.name), *SERVE[self.name], config], stderr=subprocess.DEVNULL)
        wait_until(
            lambda: status_of(self.endpoints[0], "/healthz"),
            lambda status: status is not None and status not in NOT_YET,
            timeout=READY_SECONDS,
            what=f"{self.name} on {config}",
        )

    def stop(self) -> None:
        """Nobody serves."""
        if self._serving is not None:
            self._serving.terminate()
            self._serving.wait()


@contextmanager
def stranger(name: str) -> Iterator[Stranger]:
    """The stranger behind that program, serving the shop from a folder that its workers may read."""
    with TemporaryDirectory(prefix="stranger-") as place:
        Path(place).chmod(0o755)
        with _serving(name, Path(place) / "served") as serving:
            yield serving


@contextmanager
def _serving(name: str, folder: Path) -> Iterator[Stranger]:
    port, plain, backend = free_ports(3)
    shutil.copytree(STRANGERS / name, folder)
    places = {"FOLDER": str(folder), "BACKEND": str(backend), "PORT": str(port), "PLAIN": str(plain)}
    for file in (folder / "deployment.toml", folder / FILE[name], *folder.glob("mutants/*.toml")):
        text = file.read_text(encoding="utf-8")
        for word, place in places.items():
            text = re.sub(rf"\b{word}\b", place, text)
        file.write_text(text, encoding="utf-8")
    Papers().write(folder)
    shop = subprocess.Popen([sys.executable, SHOP, str(backend)], stderr=subprocess.DEVNULL)
    serving = Stranger(name, folder)
    try:
        serving.reconfigure(folder, {})
        yield serving
    finally:
        serving.stop()
        shop.terminate()
        shop.wait()
