"""The edge's configuration, read from the very files it runs with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import ciphers
from plimsoll.artefacts.nginx import Walk
from plimsoll.artefacts.nginx_text import NotNginx, Statement
from plimsoll.artefacts.nginx_text import read as statements
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.model import Deployment
from plimsoll.observations import Directive, NginxConfig
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.stacks.protocol import Commands, Stack

STAMP = re.compile(r"^.*\[emerg\] \d+#\d+: ")
"""What stands before nginx's words: the time, and the numbers of a process and a thread."""

PREFIX = "/etc/nginx"
"""Where relative includes start in every distribution's nginx."""


def survey(stack: Stack, deployment: Deployment, root: Path) -> NginxConfig:
    """The edge's configuration under `root`, with nginx's own opinion of it where the stack can ask for one."""
    service = deployment.services.get("edge")
    if service is None or service.recipe != "nginx" or not service.config:
        raise NothingOfTheKind("the configuration of the edge is not among this deployment's artefacts")
    passed, said = None, ""
    if isinstance(stack, Commands):
        result = stack.run("edge", ["nginx", "-t"])
        passed = result.code == 0
        lines = [line for line in result.output.splitlines() if passed or "[emerg]" in line]
        said = STAMP.sub("", lines[-1]) if lines else result.output.strip()
    try:
        directives = tuple(read(root / service.config, root))
    except CouldNotLook:
        if passed is not False:
            raise
        directives = ()  # nobody can read it, and nginx says so in better words
    strings = {" ".join(d.arguments) for d in directives if d.name == "ssl_ciphers"}
    return NginxConfig(
        directives=directives,
        test_passed=passed,
        test=said,
        suites={string: ciphers.suites(string) for string in strings},
        unknown_suites={string: names for string in strings if (names := ciphers.ghosts(string))},
        seen_at=datetime.now(UTC),
    )


def read(file: Path, root: Path) -> Iterator[Directive]:
    """The directives of a configuration with its includes in place, in the order nginx reads them."""

    def included(pattern: str) -> list[tuple[SourceFile, tuple[Statement, ...]]]:
        relative = pattern.removeprefix(f"{PREFIX}/")
        if relative.startswith("/"):
            return []
        return [_parsed(path, root) for path in sorted(file.parent.glob(relative))]

    walk = Walk(included)
    source, block = _parsed(file, root)
    walk.through(block, source)
    yield from walk.directives


def _parsed(file: Path, root: Path) -> tuple[SourceFile, tuple[Statement, ...]]:
    """A file and its statements. Raises CouldNotLook."""
    name = str(file.relative_to(root))
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        return SourceFile(name=name, kind=Kind.NGINX, text=text), statements(text)
    except OSError as error:
        raise CouldNotLook(f"{name} cannot be read: {error.strerror}", hint="is it there?") from error
    except NotNginx as error:
        raise CouldNotLook(
            f"{name} cannot be read: {error.said} in line {error.line}", hint="run nginx -t on it"
        ) from error
