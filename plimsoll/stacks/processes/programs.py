"""The server programs of this machine, the user they run as, and free ports."""

from __future__ import annotations

import functools
import os
import platform
import pwd
import random
import re
import shutil
import socket
import subprocess
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from plimsoll.errors import MissingTool, StackFailed

PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
POSTGRES = "/usr/lib/postgresql/*/bin"
PACKAGES: Mapping[str, str] = {
    "nginx": "nginx-light",
    "redis-server": "redis-server",
    "postgres": "postgresql",
    "initdb": "postgresql",
    "prometheus": "prometheus",
    "setpriv": "util-linux",
}

PORTS = range(20_000, 32_768)
"""Below the range the kernel takes client ports from (32768 on Linux), so that nobody is given ours by chance."""

_given = deque[int](maxlen=2_000)
_giving = Lock()
"""The ports that were given away last in this process: whoever got one may listen there only in a moment."""

VERSION = re.compile(r"\d+(\.\d+)+")
TRIES = 200
LOOPBACK, LOOPBACK6 = "127.0.0.1", "::1"


def program(name: str) -> str:
    """The path of a server program; for PostgreSQL's, of the newest version installed. Raises MissingTool."""
    newest = sorted(Path("/").glob(POSTGRES[1:]), key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0)
    for place in (*map(str, reversed(newest)), *os.get_exec_path(), *PLACES):
        found = shutil.which(name, path=place)
        if found:
            return found
    raise MissingTool(f"{name} is not installed", hint=f"apt-get install {PACKAGES.get(name, name)}")


@functools.cache
def version(name: str) -> str:
    """The program with its version, as a report names what really ran: `nginx 1.22.1`."""
    if name == "python3":
        return f"python {platform.python_version()}"
    flag = "-v" if name == "nginx" else "--version"
    done = subprocess.run([program(name), flag], capture_output=True, text=True, check=False)
    number = VERSION.search(done.stdout + done.stderr)
    return f"{name} {number[0]}" if number else name


def unprivileged() -> dict[str, object]:
    """The Popen arguments that make a server run as nobody when we are root (PostgreSQL refuses to run as root)."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def give_away(*paths: Path) -> None:
    """The paths belong to whoever the servers run as."""
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


@functools.cache
def has_ipv6() -> bool:
    """Whether this machine has a loopback address in IPv6, too."""
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind((LOOPBACK6, 0))
        return True
    return False


def free_ports(count: int) -> list[int]:
    """So many loopback ports nobody listens on, no two alike, and none that was given to anybody just before."""
    found: list[int] = []
    with _giving:
        for candidate in random.sample(PORTS, TRIES + count):
            with socket.socket() as probe:
                try:
                    probe.bind((LOOPBACK, candidate))
                except OSError:
                    continue
            if candidate in _given:
                continue
            found.append(candidate)
            if len(found) == count:
                _given.extend(found)
                return found
    raise StackFailed(
        f"no {count} free ports on {LOOPBACK} between {PORTS.start} and {PORTS.stop}", hint="end what listens there"
    )


def family(pid: int) -> list[int]:
    """A process, its children, and theirs: each before those it started."""
    children: list[str] = []
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(other for child in children for other in family(int(child)))]


def lives(pid: int) -> bool:
    """Whether there is more left of a process than its entry, for its parent to read."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    return False


def dropping() -> tuple[str, ...]:
    """The words before a command that make root run it as the servers run. Raises MissingTool."""
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam("nobody")
    return (program("setpriv"), f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def plain_environment() -> dict[str, str]:
    """The environment of a server that needs nothing of ours."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
