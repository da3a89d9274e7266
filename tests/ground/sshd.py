"""A real SSH server on loopback, with throw-away keys."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from plimsoll.stacks.processes.programs import PLACES, free_ports
from plimsoll.wait import wait_until

LOOPBACK = "127.0.0.1"
CONFIG = """
ListenAddress {address}:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in: `user@host:port`, the key, and the host's own key as a file of known hosts."""

    ssh: str
    key: Path
    known_hosts: Path
    port: int


@contextmanager
def serving(folder: Path) -> Iterator[Login]:
    """The server takes the key in the folder, and no password."""
    sshd = next((found for place in PLACES if (found := shutil.which("sshd", path=place))), None)
    if sshd is None:
        pytest.skip("not run: openssh-server is not installed")
    for name in ("host_key", "user_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    Path("/run/sshd").mkdir(exist_ok=True)  # where the server locks up the part of it that strangers talk to
    (port,) = free_ports(1)
    config = folder / "sshd_config"
    config.write_text(CONFIG.format(address=LOOPBACK, port=port, folder=folder), encoding="utf-8")
    known = folder / "known_hosts"
    public = (folder / "host_key.pub").read_text(encoding="utf-8")
    known.write_text(f"[{LOOPBACK}]:{port} {public}", encoding="utf-8")
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=log)
    try:
        wait_until(lambda: _answers(port) or server.poll() is not None, timeout=10, what="sshd")
        assert server.poll() is None, (folder / "sshd.log").read_text(encoding="utf-8")
        yield Login(f"{getpass.getuser()}@{LOOPBACK}:{port}", folder / "user_key", known, port)
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 0.5).close()
    except OSError:
        return False
    return True
