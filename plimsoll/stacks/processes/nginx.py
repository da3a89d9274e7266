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

HOME = "/etc/nginx"
"""Where relative includes start in every distribution's nginx."""

STATEMENT = re.compile(
    r"(?P<head>^|[{;])(?P<indent>\s*)(?P<name>user|pid|listen|server|proxy_pass|include|root|alias|access_log|error_log|ssl_\w+|auth_basic_user_file|\w+_temp_path|proxy_cache_path)(?P<gap>\s+)(?P<arguments>[^;{}\n]*);"
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
        return f"{found['head']}{found['indent']}" + " ".join(f"{name} {' '.join(each)};" for each in moved)

    def _moved(self, name: str, arguments: list[str]) -> list[list[str]]:
        """The statement's arguments as they apply here: once, more than once, or not at all."""
        first, rest = arguments[0], arguments[1:]
        if name == "user":
            return []
        if name == "listen":
            port = int(first.rpartition(":")[2]) if first.rpartition(":")[2].isdigit() else 80
            if port not in self.ports:
                raise StackFailed(
                    f"{self.service.config} listens on {port}, which the service does not declare",
                    hint=f"ports = [{port}, …]",
                )
            return [] if first.startswith("[") else [[f"127.0.0.1:{self.ports[port]}", *rest]]
        if name == "server":
            return [[address, *rest] for address in self.upstreams.get(first, [first])]
        if name == "proxy_pass":
            scheme, _, target = first.partition("://")
            host, slash, path = target.partition("/")
            return [[f"{scheme}://{self.upstreams.get(host, [host])[0]}{slash}{path}", *rest]]
        if name == "include":
            return [[str(self._included(first))]]
        return [[self._file(argument) for argument in arguments]] if first.startswith(("/", '"/')) else [arguments]

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
