"""What a live machine says of its size, over SSH, asked with commands that change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Filesystem, Machine, Machines
from plimsoll.probes.firewall.host import Shell, shell

KIBIBYTE = 1024
DISKS = "df -P -k -l -x tmpfs -x devtmpfs -x squashfs -x efivarfs"
"""Local filesystems that keep what is written to them (POSIX, df -P: one line each, in blocks of 1024 bytes)."""

FIELDS = 6
"""Of a line of df -P: device, blocks, used, available, capacity, mount point."""

VERSIONS: Mapping[str, str] = {
    "docker": "docker --version",
    "compose": "docker compose version",
    "node": "node --version",
    "postgres": "psql --version",
    "redis": "redis-server --version",
}
"""How each program says what it is; psql is asked in place of a server that may not be on the path."""

VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}")


def survey(deployment: Deployment, names: Iterable[str], programs: Sequence[str]) -> Machines:
    """The machines of these names, "" for the only one. Raises OutOfReach where none may be logged in to."""
    found: list[Machine] = []
    missing: dict[str, str] = {}
    refused: dict[str, OutOfReach] = {}
    for name in names:
        try:
            with shell(deployment, name) as login:
                found.append(_machine(name, login, programs))
        except OutOfReach as error:
            missing[name] = error.fact
            refused[name] = error
        except CouldNotLook as error:
            missing[name] = error.fact
    if refused and not found and len(refused) == len(missing):
        raise next(iter(refused.values()))
    return Machines(machines=tuple(found), missing=missing, beyond=tuple(refused), seen_at=datetime.now(UTC))


def _machine(name: str, login: Shell, programs: Sequence[str]) -> Machine:
    cores, memory = login.ask("nproc --all").output.strip(), login.ask("cat /proc/meminfo").output
    total = re.search(r"^MemTotal:\s+(\d+) kB$", memory, re.MULTILINE)
    filesystems = tuple(disks_of(login.ask(DISKS).output))
    if not cores.isdecimal() or total is None or not filesystems:
        raise CouldNotLook("the machine does not say what it is", hint="it takes Linux, with coreutils")
    turning = login.ask("lsblk -dno rota")
    return Machine(
        name=name,
        cores=int(cores),
        memory=int(total[1]) * KIBIBYTE,
        filesystems=filesystems,
        spinning=turning.output.split().count("1") if not turning.code and turning.output.split() else None,
        programs={program: _version(login, program) for program in programs if program in VERSIONS},
    )


def _version(login: Shell, program: str) -> str:
    said = login.ask(VERSIONS[program])
    found = VERSION.search(said.output) if not said.code else None
    return found[0] if found else ""


def disks_of(text: str) -> Iterator[Filesystem]:
    """Each device of a table of df, once: one that is mounted in several places is one disk."""
    seen: set[str] = set()
    for line in text.splitlines()[1:]:
        parts = line.split(None, FIELDS - 1)
        if len(parts) == FIELDS and all(part.isdecimal() for part in parts[1:4]) and parts[0] not in seen:
            seen.add(parts[0])
            size, used, free = (int(part) * KIBIBYTE for part in parts[1:4])
            if size:
                yield Filesystem(mount=parts[5], size=size, used=used, free=free)
