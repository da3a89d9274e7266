"""A production nginx configuration moved, line by line, to loopback ports and files of this run.

Everything else stays as it is, so what nginx does and the line numbers it complains about are those of the artefact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.processes.programs import LOOPBACK, LOOPBACK6
from plimsoll.stacks.protocol import HTTP

HOME = "/etc/nginx"
"""Where relative includes start in every distribution's nginx."""

STATEMENT = re.compile(
    r"(?:^|(?<=[{;]))(?P<indent>\s*)(?P<name>user|pid|listen|server|proxy_pass|include|root|alias|access_log|error_log|(?:proxy_)?ssl_\w+|auth_basic_user_file|set|\w+_temp_path|proxy_cache_path)(?P<gap>\s+)(?P<arguments>[^;{}\n]*);"
)
"""A simple directive that may name a port, another service or a file, on one line."""

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocation:
    """Where things are on this machine: ports by port inside, addresses by role and port, files by path inside."""

    service: Service
    ports: Mapping[int, int]
    upstreams: Mapping[str, Sequence[str]]
    artefacts: Path
    rendered: Path
    files: Mapping[str, Path]
    private: Path
    ipv6: bool = False

    def render(self) -> Path:
        """The relocated configuration, written with every file it includes; its main file's path."""
        main = self._write(self.service.config)
        text = main.read_text(encoding="utf-8")
        scratch = " ".join(f"{kind}_temp_path {self.private}/{kind};" for kind in TEMPORARY)
        scratch += (
            f" access_log {self.private}/access.log;"  # where the file says nothing, nginx would write to /var/log
        )
        main.write_text(
            re.sub(r"^(\s*http\s*\{)", rf"\1 {scratch}", text, count=1, flags=re.MULTILINE), encoding="utf-8"
        )
        return main

    def translate(self, inside: str) -> Path:
        """Where a path inside the service's machine lies on this one."""
        for prefix, here in sorted(self.files.items(), key=lambda item: -len(item[0])):
            if inside == prefix or inside.startswith(f"{prefix}/"):
                return Path(f"{here}{inside[len(prefix) :]}")
        if inside == f"{HOME}/mime.types" and Path(inside).exists():
            return Path(inside)
        return Path(f"{self.private}/root{inside}")

    def _write(self, artefact: str) -> Path:
        target = self.rendered / artefact
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = (self.artefacts / artefact).read_text(encoding="utf-8").splitlines()
        target.write_text("\n".join(self._line(line) for line in lines) + "\n", encoding="utf-8")
        return target

    def _line(self, line: str) -> str:
        code, mark, comment = line.partition(" #") if not line.lstrip().startswith("#") else ("", "", "")
        return STATEMENT.sub(self._statement, code) + mark + comment if code else line

    def _statement(self, found: re.Match[str]) -> str:
        name, arguments = found["name"], found["arguments"].split()
        moved = self._moved(name, arguments)
        return found["indent"] + " ".join(f"{name} {' '.join(each)};" for each in moved)

    def _moved(self, name: str, arguments: list[str]) -> list[list[str]]:
        """The statement's arguments as they apply here: once, more than once, or not at all."""
        first, rest = arguments[0], arguments[1:]
        if name in ("user", "listen"):
            return self._listening(first, rest) if name == "listen" else []
        if name == "server":
            return [[address, *rest] for address in self.upstreams.get(first, [first])]
        if name == "proxy_pass":
            scheme, _, target = first.partition("://")
            host, slash, path = target.partition("/")
            return [[f"{scheme}://{self._first(host)}{slash}{path}", *rest]]
        if name == "set":  # a variable that proxy_pass reads, so that an upstream may be missing when nginx starts
            return [[first, *map(self._first, rest)]]
        if name == "include":
            return [[str(self._included(first))]]
        return [[self._file(argument) for argument in arguments]] if first.startswith(("/", '"/')) else [arguments]

    def _listening(self, place: str, options: list[str]) -> list[list[str]]:
        """The port here, on loopback of the same family; none where this machine lacks that."""
        stated = place.rpartition(":")[2]
        port = int(stated) if stated.isdecimal() else HTTP
        if port not in self.ports:
            raise StackFailed(
                f"{self.service.config} listens on {port}, which the service does not declare",
                hint=f"ports = [{port}, …]",
            )
        if place.startswith("["):
            return [[f"[{LOOPBACK6}]:{self.ports[port]}", *options]] if self.ipv6 else []
        return [[f"{LOOPBACK}:{self.ports[port]}", *options]]

    def _first(self, address: str) -> str:
        """Where one replica of that role and port is; anything else stays as it is."""
        return self.upstreams.get(address, [address])[0]

    def _included(self, pattern: str) -> Path:
        """The place of an included file or pattern, each file of it relocated as well."""
        place = self.translate(pattern if pattern.startswith("/") else f"{HOME}/{pattern}")
        if not place.is_relative_to(self.artefacts):
            return place
        relative = place.relative_to(self.artefacts)
        for match in sorted(self.artefacts.glob(str(relative))):
            self._write(str(match.relative_to(self.artefacts)))
        return self.rendered / relative

    def _file(self, argument: str) -> str:
        if not argument.startswith("/") or argument == "/dev/null":
            return argument
        here = self.translate(argument)
        if here.is_relative_to(self.private):
            here.parent.mkdir(parents=True, exist_ok=True)
        return str(here)
