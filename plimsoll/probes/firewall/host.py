"""What a host that is not ours says of itself, over SSH, asked with commands that change nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plimsoll.errors import CouldNotLook, MissingTool, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Listener
from plimsoll.stacks.protocol import CommandResult

if TYPE_CHECKING:
    from testinfra.host import Host

PRIVILEGED = (
    "ufw status verbose",
    "nft list ruleset",
    "sshd -T",
    "fail2ban-client ping",
    "fail2ban-client status",
    "fail2ban-client get",
)
"""What root alone may see: how the commands begin."""

PLAIN = (
    "id -u",
    "nproc --all",
    "cat /proc/meminfo",
    "df -P -k -l -x tmpfs -x devtmpfs -x squashfs -x efivarfs",
    "lsblk -dno rota",
    "docker --version",
    "docker compose version",
    "node --version",
    "psql --version",
    "redis-server --version",
)
"""What everybody may see."""

ALLOWED = (*PRIVILEGED, *PLAIN)
"""All that a host may be asked. Everything here only reads."""


WORDS = re.compile(r"[\w./:-]+(?: [\w./:-]+)*")
"""Plain words: nothing that a shell on the host could take for a second command."""

SECONDS = 10
ENGINE_NAMES = "127.0.0.11"
"""Where an engine answers its containers' name service: it shows in their tables of sockets and is nobody's program."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A login on the host; `root` is false for a user who has to ask `sudo`."""

    host: Host
    root: bool

    def ask(self, command: str) -> CommandResult:
        """What a command of ALLOWED said. Raises CouldNotLook when the line broke."""
        allowed = any(command == known or command.startswith(f"{known} ") for known in ALLOWED)
        if not allowed or not WORDS.fullmatch(command):
            raise CouldNotLook(f"{command!r} is not among the questions that a live host may be asked")
        path = "PATH=$PATH:/usr/sbin:/sbin"
        # 255 would be taken for ssh's own complaint, and some programs (fail2ban-client) end with it.
        sudo = "" if self.root or command in PLAIN else "sudo -n "
        return _run(self.host, f"{path} {sudo}{command} || exit 1")

    def listeners(self) -> tuple[Listener, ...]:
        """Every address that a program of the host listens on over TCP. Raises CouldNotLook when it cannot say.

        testinfra's `service` says False where there is no systemd, so sockets are looked at and services are not.
        """
        try:
            sockets = self.host.socket.get_listening_sockets()
        except (RuntimeError, NotImplementedError, AssertionError) as error:
            raise CouldNotLook(
                "the host does not say where its programs listen", hint="install iproute2 (ss)"
            ) from error
        found = tuple(_listeners(sockets))
        if not found:  # the SSH server that we came in by listens: a table without it is not the host's
            raise CouldNotLook("the host's table of sockets is empty, though its SSH server answers")
        return found


@contextmanager
def shell(deployment: Deployment, machine: str = "") -> Iterator[Shell]:
    """A login on the deployment's live host, or on the machine of that name where it has several.

    Its key must be known. Raises OutOfReach where none is described.
    """
    live = deployment.live
    login = (live.machines.get(machine, "") if live.machines and machine else live.ssh) if live else ""
    if live is None or not login:
        raise OutOfReach("this run may not log in to the host", hint='[live] ssh = "user@host:port", ssh_key = "…"')
    try:
        import testinfra  # noqa: PLC0415 - only runs against live hosts load it
    except ImportError as error:
        raise MissingTool("pytest-testinfra is not installed", hint="pip install pytest-testinfra") from error
    # No questions, no new keys, no other identities, and no connection that stays open behind our back.
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "ControlMaster=no", "LogLevel=ERROR"]
    if live.ssh_known_hosts:
        options.append(f"UserKnownHostsFile={deployment.root / live.ssh_known_hosts}")
    host = testinfra.get_host(
        f"ssh://{login}",
        ssh_extra_args=" ".join(f"-o {shlex.quote(option)}" for option in options),
        ssh_identity_file=str(deployment.root / live.ssh_key) if live.ssh_key else None,
        timeout=SECONDS,
        controlpersist=0,
    )
    said = _run(host, "id -u")
    if said.code:
        raise CouldNotLook(f"the host answers {said.output!r} to `id -u`", hint=f"ssh {login} id -u")
    yield Shell(host, root=said.output.strip() == "0")


def _run(host: Host, command: str) -> CommandResult:
    """What the command said there; a line that broke is no answer of the host's."""
    try:
        done = host.run(command)
    except (RuntimeError, AssertionError, OSError) as error:
        words = str(getattr(error.args[0], "stderr", error) if error.args else error).strip()
        last = words.splitlines()[-1] if words else "no reason given"
        raise CouldNotLook(f"the host cannot be logged in to: {last}", hint="the host's key must be known") from error
    return CommandResult(code=done.rc, output=done.stdout or done.stderr)


def _listeners(sockets: list[str]) -> Iterator[Listener]:
    for each in sockets:
        protocol, _, place = each.partition("://")
        address, _, port = place.rpartition(":")
        if protocol.startswith("tcp") and port.isdecimal() and address != ENGINE_NAMES:
            yield Listener(address=address.strip("[]").partition("%")[0], port=int(port), where="the host's sockets")
