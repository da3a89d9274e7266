"""The edge's configuration, read from the very files it runs with."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import crossplane

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Directive, NginxConfig
from plimsoll.stacks.protocol import Commands, Stack

STAMP = re.compile(r"^.*\[emerg\] \d+#\d+: ")
"""What stands before nginx's words: the time, and the numbers of a process and a thread."""

PREFIX = "/etc/nginx"
"""Where relative includes start in every distribution's nginx."""


def survey(stack: Stack, deployment: Deployment, root: Path) -> NginxConfig:
    """The edge's configuration under `root`, with nginx's own opinion of it where the stack can ask for one."""
    service = deployment.services.get("edge")
    if service is None or service.recipe != "nginx" or not service.config:
        raise OutOfReach("the configuration of the edge is not among this deployment's artefacts")
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
    resolved = {string: _resolve(string) for string in strings}
    return NginxConfig(
        directives=directives,
        test_passed=passed,
        test=said,
        suites={string: names for string, (names, _) in resolved.items()},
        unknown_suites={string: ghosts for string, (_, ghosts) in resolved.items() if ghosts},
        seen_at=datetime.now(UTC),
    )


def read(file: Path, root: Path) -> Iterator[Directive]:
    """The directives of a configuration with its includes in place, in the order nginx reads them."""
    parsed = crossplane.parse(str(file), comments=False, check_ctx=False, check_args=False, single=True)
    if parsed["errors"]:
        first = parsed["errors"][0]
        raise CouldNotLook(f"{file.relative_to(root)} cannot be read: {first['error']}", hint="run nginx -t on it")
    yield from _walk(parsed["config"][0]["parsed"], file, root, top=file.parent, context=())


def _walk(block: list[dict], file: Path, root: Path, *, top: Path, context: tuple[str, ...]) -> Iterator[Directive]:  # type: ignore[type-arg] # crossplane's payload is untyped
    """The directives of one block; an include continues in place, so that what it sets belongs to the block."""
    for entry in block:
        directive = Directive(
            name=entry["directive"],
            arguments=tuple(entry["args"]),
            file=str(file.relative_to(root)),
            line=entry["line"],
            context=context,
        )
        yield directive
        if entry["directive"] == "include":
            relative = entry["args"][0].removeprefix(f"{PREFIX}/")
            for included in sorted(top.glob(relative)) if not relative.startswith("/") else ():
                parsed = crossplane.parse(str(included), comments=False, check_ctx=False, check_args=False, single=True)
                if parsed["errors"]:
                    raise CouldNotLook(f"{included.relative_to(root)} cannot be read: {parsed['errors'][0]['error']}")
                yield from _walk(parsed["config"][0]["parsed"], included, root, top=top, context=context)
        if "block" in entry and entry["directive"] != "map":
            yield from _walk(entry["block"], file, root, top=top, context=directive.inside)


def _resolve(string: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The TLS 1.2 suites a cipher string resolves to, and the names in it that mean nothing to the TLS library."""
    ghosts = tuple(name for name in string.split(":") if name[:1] not in "!-+@" and not _suites(name))
    return _suites(string), ghosts


def _suites(string: str) -> tuple[str, ...]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(string)
    except ssl.SSLError:
        return ()
    return tuple(cipher["name"] for cipher in context.get_ciphers() if not cipher["name"].startswith("TLS_"))
