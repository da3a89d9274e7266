"""A real SSH server asked how it lets people in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plimsoll.model import Live
from plimsoll.observations import SshServer
from plimsoll.probes.auth import sshd
from plimsoll.stacks.processes.programs import free_ports
from plimsoll.wait import wait_until

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    not SSHD or not shutil.which("ssh") or os.geteuid() != 0, reason="needs sshd, ssh, and root for its privileges"
)
KEYS_ONLY = ("PasswordAuthentication no", "KbdInteractiveAuthentication no")


@contextmanager
def serving(folder: Path, *lines: str) -> Iterator[Live]:
    """An SSH server with these lines in its configuration, where root's key is authorised; how to log in."""
    [port] = free_ports(1)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True, capture_output=True
        )
    shutil.copyfile(folder / "user.pub", folder / "authorized_keys")
    host_key = (folder / "host.pub").read_text(encoding="utf-8")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="utf-8")
    ours = (f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", "PidFile none", "StrictModes no")
    keys = (f"AuthorizedKeysFile {folder / 'authorized_keys'}", "PermitRootLogin prohibit-password", "UsePAM no")
    (folder / "sshd_config").write_text("\n".join([*ours, *keys, *lines, ""]), encoding="utf-8")
    Path("/run/sshd").mkdir(exist_ok=True)
    live = Live(url="https://site.example", ssh=f"root@127.0.0.1:{port}", ssh_key="user", ssh_known_hosts="known_hosts")
    command = [str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: asked(live, folder).amount, timeout=10)
            yield live
        finally:
            process.terminate()


def asked(live: Live, folder: Path) -> SshServer:
    return sshd.on_live(live, folder)


def test_a_server_that_takes_keys_alone_offers_nothing_else(tmp_path: Path) -> None:
    """And the authorised key gets in."""
    with serving(tmp_path, *KEYS_ONLY) as live:
        seen = asked(live, tmp_path)

    assert seen.offers == {"root": ("publickey",)}
    assert seen.entered


def test_every_other_way_in_is_seen(tmp_path: Path) -> None:
    """A password for a user whom a Match block lets have one."""
    match = "Match User root\n    PermitRootLogin yes\n    PasswordAuthentication yes"
    with serving(tmp_path, *KEYS_ONLY, match) as live:
        seen = asked(live, tmp_path)

    assert seen.offers == {"root": ("publickey", "password")}


def test_a_key_that_is_not_authorised_stays_outside(tmp_path: Path) -> None:
    """Without the control, what is offered says nothing of who gets in."""
    with serving(tmp_path, *KEYS_ONLY) as live:
        (tmp_path / "authorized_keys").write_text("", encoding="utf-8")
        seen = asked(live, tmp_path)

    assert seen.entered is False


def test_a_closed_port_offers_nothing(tmp_path: Path) -> None:
    """Nobody there is nothing seen, with the client's words."""
    [port] = free_ports(1)

    seen = asked(Live(url="https://site.example", ssh=f"root@127.0.0.1:{port}"), tmp_path)

    assert seen.amount == 0
    assert "refused" in seen.trouble
