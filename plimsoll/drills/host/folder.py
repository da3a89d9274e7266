"""The host of a deployment as a folder of the run: its paths lie in there, and the scripts' settings say so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plimsoll.drills.protocol import HostedStack
from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Recovery
from plimsoll.stacks.configs.addresses import moved
from plimsoll.stacks.protocol import Credentials, endpoint_of

LINE = re.compile(r"^(?:export\s+)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*)$")
LOCAL = re.compile(r"^(?P<scheme>\w+)://(?:127\.0\.0\.1|localhost):(?P<port>\d+)(?P<rest>/.*)?$")
VARIABLE = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)\}?")
LOGS = re.compile(r"(^|_)LOGS?_DIR$")
DIRECTORIES = ("_DIR", "_ROOT")
"""Endings of the settings whose folders whoever installed the host has made."""

LOG_AGES = {
    "access.log": 0,
    "error.log": 0,
    "access.log.1": 1,
    "access.log.2": 6,
    "access.log.3": 8,
    "access.log.4": 40,
}
"""Logs that are there, by their age in days: on both sides of a week and of a month."""

FOREIGN = "README"
"""A file among the logs that is none."""

OWNER_ONLY = 0o600


class Host:
    """The folder in which every path of the host lies: `place("/var/backups")`. Settings that are paths lead there."""

    def __init__(self, deployment: Deployment, recovery: Recovery, stack: HostedStack, folder: Path) -> None:
        self.root = folder / "root"
        self.home = folder / "home"
        self._deployment = deployment
        self._recovery = recovery
        self._stack = stack
        self._variants = 0
        self.root.mkdir(parents=True)
        self.home.mkdir()
        (folder / "tmp").mkdir()
        self._install()
        text = (stack.artefacts / recovery.environment).read_text(encoding="utf-8")
        self._lines = tuple(self._relocated(text))
        self.settings: Mapping[str, str] = _settled(self._lines)
        self.environment = self._write("backup.env", {})
        self._furnish()
        self._let_in()

    def place(self, path: str | Path) -> Path:
        """Where a path of the host lies here; what lies in the run's folder already stays where it is."""
        here = Path(path)
        if here.is_relative_to(self._stack.uploads) or here.is_relative_to(self.root.parent):
            return here
        return self.root / str(path).lstrip("/")

    def with_settings(self, more: Mapping[str, str]) -> Path:
        """The file with the settings, these among them. The scripts read it last, so only there they can be changed."""
        changed = {name: value for name, value in more.items() if name in self.settings}
        if not changed:
            return self.environment
        self._variants += 1
        return self._write(f"backup-{self._variants}.env", changed)

    def _install(self) -> None:
        """The artefacts lie where they are installed, in a copy: what a drill does to it reaches no service."""
        installed = self.root / self._recovery.installed.lstrip("/")
        generated = {str(self._stack.artefacts / name) for name in self._deployment.generated}

        def ignored(folder: str, names: list[str]) -> set[str]:
            return {name for name in names if f"{folder}/{name}" in generated}

        shutil.copytree(self._stack.artefacts, installed, symlinks=True, ignore=ignored)

    def _relocated(self, text: str) -> Iterator[tuple[str, str]]:
        """The lines of a file of settings, with the name that each sets ("" for none) and its value as written."""
        for line in text.splitlines():
            found = LINE.match(line)
            if found is None:
                yield "", line
                continue
            yield found["name"], self._value(found["name"], found["value"])

    def _value(self, name: str, value: str) -> str:
        words = _words(value)
        if name == self._recovery.uploads:
            return shlex.quote(str(self._stack.uploads))
        if name in self._recovery.inside:
            return shlex.quote(self._stack.place(self._recovery.inside[name], " ".join(words)))
        if len(words) == 1 and (local := LOCAL.match(words[0])):
            return shlex.quote(self._reached(local))
        if not any(word.startswith("/") for word in words):
            return moved(value, self._deployment.services, self._stack.reached)
        placed = " ".join(str(self.place(word)) if word.startswith("/") else word for word in words)
        return shlex.quote(placed) if "$" not in placed else f'"{placed}"'

    def _reached(self, local: re.Match[str]) -> str:
        """A URL of a service that listens on the host itself, as it is reached here."""
        for endpoint in self._stack.endpoints:
            if endpoint.port == int(local["port"]):
                host, port = endpoint.address
                return f"{local['scheme']}://{host}:{port}{local['rest'] or ''}"
        return local[0]

    def _write(self, name: str, more: Mapping[str, str]) -> Path:
        lines = [f"{key}={value}" if key else value for key, value in self._lines]
        lines += [f"{key}={shlex.quote(value)}" for key, value in more.items()]
        file = self.root.parent / name
        file.touch(mode=OWNER_ONLY)
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return file

    def _furnish(self) -> None:
        """What a host has before the first backup: folders, logs of several ages, the uploads."""
        for name, value in self.settings.items():
            folder = Path(value)
            if not name.endswith(DIRECTORIES) or not folder.is_relative_to(self.root):
                continue
            folder.mkdir(parents=True, exist_ok=True)
            if LOGS.search(name):
                _fill(folder)
        stated = (self._stack.artefacts / self._recovery.environment).read_text(encoding="utf-8")
        named = re.search(rf"(?m)^{re.escape(self._recovery.uploads or '-')}=(?P<path>\S+)$", stated)
        if named:
            link = self.root / named["path"].strip("\"'").lstrip("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self._stack.uploads, target_is_directory=True)

    def _let_in(self) -> None:
        """Whoever works on the host may log in to the databases, as ~/.pgpass says."""
        lines = []
        for service in self._deployment.services.values():
            if service.recipe == "postgres" and isinstance(self._stack, Credentials):
                try:
                    host, port = endpoint_of(self._stack, service.role).address
                    user, password = self._stack.credentials(service.role)
                except OutOfReach:
                    continue
                lines.append(f"{host}:{port}:*:{user}:{password}\n")
        file = self.home / ".pgpass"
        file.touch(mode=OWNER_ONLY)
        file.write_text("".join(lines), encoding="utf-8")


def _settled(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What the settings are, those that name earlier ones included: as far as that can be told without a shell."""
    settled: dict[str, str] = {}
    for name, value in lines:
        if name:
            whole = " ".join(_words(value))
            settled[name] = VARIABLE.sub(lambda found: settled.get(found["name"], found[0]), whole)
    return settled


def _words(value: str) -> list[str]:
    """The words of a value as a shell takes it."""
    try:
        return [word for part in shlex.split(value, comments=True) for word in part.split()]
    except ValueError:
        return [value]


def _fill(folder: Path) -> None:
    now = datetime.now(UTC)
    for name, days in {**LOG_AGES, FOREIGN: 400}.items():
        file = folder / name
        file.write_text(f"{name}, {days} days old\n", encoding="utf-8")
        then = (now - timedelta(days=days, minutes=5)).timestamp()
        os.utime(file, (then, then))
