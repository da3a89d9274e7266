"""The blocks of an nginx configuration, found by what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Spot
from plimsoll.observations import Directive, Directives

WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")
"""One argument as nginx reads it: in quotes, or up to the next space."""

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "": 1}
DURATION = re.compile(r"([0-9]{1,12})(ms|[smhdw]?)")

Context = tuple[str, ...]


def arguments(text: str) -> tuple[str, ...]:
    """The arguments that a text writes, as nginx would read them."""
    return tuple(double or single or bare for double, single, bare in WORD.findall(text))


def seconds(text: str) -> float | None:
    """The seconds of an nginx time such as `90`, `5m` or `1h 30m`; None if it is none."""
    parts = [DURATION.fullmatch(part) for part in text.split()]
    if not parts or None in parts:
        return None
    return sum(int(part[1]) * UNITS[part[2]] for part in parts if part)


def blocks_of(config: Directives, *, server: str = "", block: str = "") -> list[Context]:
    """The contexts of the blocks of that head, of the servers of that name, or of one within the other."""
    contexts = list(
        dict.fromkeys(d.context[:depth] for d in config.directives for depth in range(1, 1 + len(d.context)))
    )
    servers = [c for c in contexts if _head(c) == "server" and "upstream" not in {_kind(label) for label in c[:-1]}]
    if server:
        servers = list(_called(config, servers, server))
    if not block:
        return servers if server else []
    found = [c for c in contexts if _head(c) == block]
    return [c for c in found if any(c[: len(s)] == s for s in servers)] if server else found


def upstreams_to(config: Directives, role: str) -> dict[Context, list[Directive]]:
    """The upstream blocks with a server of that role, and all servers in them."""
    blocks: dict[Context, list[Directive]] = {}
    for directive in config.named("server"):
        if directive.context and _kind(directive.context[-1]) == "upstream" and directive.arguments:
            blocks.setdefault(directive.context, []).append(directive)
    return {
        context: servers
        for context, servers in blocks.items()
        if any(server.arguments[0].partition(":")[0] == role for server in servers)
    }


def name_of(context: Context) -> str:
    """The innermost block as the file heads it."""
    return _head(context)


def spot_of(context: Context) -> Spot:
    """Where the innermost block begins; of no file for the whole of them."""
    file, _, line = context[-1].rpartition("#")[2].rpartition(":") if context else ("", "", "")
    return Spot(file, int(line)) if line.isdigit() else Spot("")


def where_is(context: Context) -> str:
    """The innermost block with its file and line."""
    return f"{_head(context)} at {context[-1].rpartition('#')[2]}" if context else "the whole file"


def _called(config: Directives, servers: list[Context], wanted: str) -> Iterator[Context]:
    """The servers meant; where one name has a server with TLS and one without, the one with TLS is."""
    secure = [c for c in servers if any("ssl" in d.arguments for d in config.effective("listen", c))]
    if wanted in ("tls", "plain"):
        yield from (c for c in servers if (c in secure) == (wanted == "tls"))
        return
    named = [
        c
        for c in servers
        if any(wanted in d.arguments for d in config.directives if d.name == "server_name" and d.context == c)
    ]
    yield from [c for c in named if c in secure] or named


def _head(context: Context) -> str:
    return context[-1].rpartition("#")[0] if context else ""


def _kind(label: str) -> str:
    return label.partition("#")[0].partition(" ")[0]
