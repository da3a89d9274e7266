"""A ground on this machine: namespaces under `unshare`, in which changes to the machine's files stay."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from plimsoll.errors import OutOfReach
from plimsoll.stacks.processes.children import Children
from plimsoll.stacks.processes.launches import Launch
from plimsoll.stacks.processes.programs import PLACES
from plimsoll.wait import NotReady, wait_until

ENCLOSE = Path(__file__).parents[3] / "fixtures" / "images" / "host" / "enclose"
"""The script that runs the ground of the `host` image on a machine of its own kind."""

ROLE = "host"
SOCKET = "ground.sock"
START_SECONDS = 10.0
UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

PACKAGES = {
    "unshare": "util-linux",
    "ip": "iproute2",
    "iptables": "iptables",
    "nft": "nftables",
    "ufw": "ufw",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "fail2ban-server": "fail2ban",
    "nginx": "nginx-light",
}
"""What a host's ground needs on the machine, and the package it comes with."""


def start(children: Children, folder: Path, artefacts: Path) -> Callable[[str], str]:
    """What answers requests to the ground, which runs in `folder`. Raises OutOfReach naming what it lacks here."""
    if os.geteuid() != 0:
        raise OutOfReach("zones need network namespaces, which only root may make", hint="--stack containers, or root")
    places = os.pathsep.join([*os.get_exec_path(), *PLACES])
    if missing := [name for name in PACKAGES if shutil.which(name, path=places) is None]:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise OutOfReach(f"a host needs {', '.join(missing)} here", hint=f"apt-get install {packages}")
    folder.mkdir(mode=0o755)
    command = (*UNSHARE, str(ENCLOSE), str(folder), str(artefacts))
    children.start(Launch(name=ROLE, role=ROLE, command=command, folder=folder, as_us=True))
    place = folder / SOCKET
    with suppress(NotReady):  # then its own words are told
        wait_until(lambda: place.exists() or children.dead(), timeout=START_SECONDS, what="the host's ground")
    if not place.exists():
        words = children.last_words(ROLE).strip()
        children.stop(ROLE)
        raise OutOfReach(f"network namespaces cannot be made here: {words}", hint="--stack containers")
    return lambda request: _answer(place, request)


def _answer(place: Path, request: str) -> str:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(place))
            line.sendall(f"{request}\n".encode())
            return line.makefile("rb").read().decode()
    except OSError as error:
        return json.dumps({"failed": f"the host's ground does not answer: {error.strerror}"})
