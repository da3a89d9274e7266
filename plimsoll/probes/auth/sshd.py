"""An SSH server asked how it lets people in: of the host of a stack, or of a live one."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import CouldNotLook, MissingTool
from plimsoll.model import Deployment, Live
from plimsoll.observations import FileLine, SshServer
from plimsoll.probes.firewall.ports import lines_of
from plimsoll.stacks.ground.ground import RECIPE, Ground
from plimsoll.stacks.protocol import CommandResult

OFFER = re.compile(r"^debug1: Authentications that can continue: (\S+)", re.MULTILINE)
"""What OpenSSH's client repeats of the server's refusal."""

OPTIONS = ("-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=DEBUG1")
UNKNOWN_HOST = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
"""A host made a moment ago is known to nobody."""

NOBODY, VISITOR, ROOT = "plimsoll-nobody", "plimsoll-visitor", "root"
WORD = "plimsoll-was-here"
CONFIGURATION = "/etc/ssh/"
HERE = "host"
"""The zone of the host itself: what its firewall lets through is another promise."""

KEY = "/run/plimsoll-visitor"
HOME = "/var/lib/plimsoll-visitor"
WELCOME = f"""
set -e
rm -rf {KEY} {KEY}.pub {HOME}
id -u "$1" >/dev/null 2>&1 || useradd --no-create-home --home-dir {HOME} --password '*' --shell /bin/sh "$1"
ssh-keygen -q -t ed25519 -N '' -f {KEY}
mkdir -p {HOME}/.ssh
cp {KEY}.pub {HOME}/.ssh/authorized_keys
chown -R "$1" {HOME}
chmod 755 {HOME}
chmod 700 {HOME}/.ssh
"""
"""A user with an authorised key. The password `*` fits nothing, and unlike `!` does not lock the account."""

LIVE_SECONDS = 20.0
NO_CONNECTION = 255
"""The code of ssh itself; any other is the command's."""

Run = Callable[[Sequence[str]], CommandResult]
"""What a program says there, its standard error included."""


def on_ground(ground: Ground, deployment: Deployment, artefacts: Path) -> SshServer:
    """The SSH server of the deployment's host, run with the deployment's own files; a user with a key is made there."""
    address, port = ground.ssh()

    def run(command: Sequence[str]) -> CommandResult:
        return ground.run(HERE, command)

    settings = dict(_settings(run(["/usr/sbin/sshd", "-T"]).output))
    visitor = settings.get("allowusers", VISITOR).split()[0].partition("@")[0]
    welcomed = run(["sh", "-c", WELCOME, "sh", visitor])
    to = [*UNKNOWN_HOST, "-p", str(port)]
    offers, words = _offers(run, to, address, (ROOT, visitor, NOBODY))
    entered = None if welcomed.code else _enters(run, [*to, "-i", KEY], f"{visitor}@{address}")
    return SshServer(
        address=f"{address}:{port}",
        offers=offers,
        entered=entered,
        settings=settings,
        lines=tuple(_lines(deployment, artefacts)),
        trouble=welcomed.output.strip() if welcomed.code else words,
        seen_at=datetime.now(UTC),
    )


def on_live(live: Live, root: Path) -> SshServer:
    """The SSH server that a live deployment names; the control is the login that it gives us. Raises MissingTool."""
    user, host, to = _way(live, root)
    offers, words = _offers(_locally, to, host, (user or ROOT,))
    entered = _enters(_locally, to, f"{user or ROOT}@{host}") if live.ssh_key else None
    return SshServer(
        address=f"{host}:{to[1]}", offers=offers, entered=entered, trouble=words, seen_at=datetime.now(UTC)
    )


def say(live: Live, root: Path, command: str) -> CommandResult:
    """What a command says on a live host, its errors included. Raises MissingTool, CouldNotLook."""
    user, host, to = _way(live, root)
    said = _locally(["ssh", "-F", "none", "-o", "BatchMode=yes", *to, f"{user}@{host}" if user else host, command])
    if said.code == NO_CONNECTION:
        raise CouldNotLook(f"nobody is let in by ssh at {host}: {said.output.strip()}")
    return said


def _way(live: Live, root: Path) -> tuple[str, str, list[str]]:
    """The user, the host, and how to get there."""
    user, _, place = live.ssh.rpartition("@")
    host, _, port = place.partition(":")
    to = ["-p", port or "22"]
    if live.ssh_known_hosts:
        to += ["-o", f"UserKnownHostsFile={root / live.ssh_known_hosts}"]
    if live.ssh_key:
        to += ["-o", "IdentitiesOnly=yes", "-i", str(root / live.ssh_key)]
    return user, host, to


def _offers(run: Run, to: Sequence[str], host: str, users: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], str]:
    """The ways in that each user is offered, and the last words of the client where a user was offered none."""
    found, words = {}, ""
    for user in dict.fromkeys(users):
        said = run(["ssh", *OPTIONS, *to, "-o", "PreferredAuthentications=none", f"{user}@{host}", "true"])
        if offer := OFFER.search(said.output):
            found[user] = tuple(offer[1].split(","))
        elif not said.code:
            found[user] = ("none",)  # in without anything (RFC 4252, 5.2)
        else:
            words = said.output.strip().rpartition("\n")[2]
    return found, words


def _enters(run: Run, to: Sequence[str], whom: str) -> bool:
    said = run(["ssh", *OPTIONS, *to, "-o", "IdentitiesOnly=yes", whom, "echo", WORD])
    return not said.code and WORD in said.output.splitlines()


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """The effective settings, names in lower case as the server writes them."""
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if value and name.isalpha():
            yield name.lower(), value.strip()


def _lines(deployment: Deployment, root: Path) -> Iterator[FileLine]:
    """The lines of the deployment's own configuration of the server."""
    for service in deployment.services.values():
        for artefact, inside in service.files.items():
            if service.recipe == RECIPE and inside.startswith(CONFIGURATION) and (root / artefact).is_file():
                yield from lines_of(root / artefact, artefact)


def _locally(command: Sequence[str]) -> CommandResult:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIVE_SECONDS, stdin=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError as error:
        raise MissingTool("ssh is not installed here", hint="apt-get install openssh-client") from error
    except subprocess.TimeoutExpired as error:
        raise CouldNotLook(f"the SSH server did not answer within {LIVE_SECONDS:g} s") from error
    return CommandResult(code=done.returncode, output=done.stdout + done.stderr)
