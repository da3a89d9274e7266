"""Where nginx takes which directive, by its own table."""

from __future__ import annotations

from collections.abc import Iterable

from crossplane.analyzer import CONTEXTS, DIRECTIVES

from plimsoll.artefacts.nginx_text import NotNginx, read

WORDS = {
    (): "the file itself",
    ("events",): "events",
    ("http",): "http",
    ("http", "server"): "server",
    ("http", "location"): "location",
    ("http", "upstream"): "upstream",
    ("http", "server", "if"): "if in a server",
    ("http", "location", "if"): "if in a location",
    ("stream",): "stream",
    ("stream", "server"): "server of stream",
    ("stream", "upstream"): "upstream of stream",
    ("mail",): "mail",
    ("mail", "server"): "server of mail",
}
"""The contexts of the table as people call them; `limit_except` is left out, which nobody means."""

ADDED = {
    "keepalive_requests": ("http", "upstream"),
    "keepalive_time": ("http", "upstream"),
    "keepalive_timeout": ("http", "upstream"),
    "resolver": ("http", "upstream"),
    "resolver_timeout": ("http", "upstream"),
}
"""Places that newer versions took in (nginx 1.15.3, 1.19.10, 1.27.3)."""

LONGEST = 65_536
"""Characters of a text that is read only to find out what it is."""

Heads = tuple[str, ...]
MAIN: Heads = ()


def table_key(heads: Heads) -> Heads:
    """The context of the table for the blocks that a directive stands in."""
    if heads[:1] == ("http",) and "location" in heads:
        after = heads[len(heads) - 1 - heads[::-1].index("location") + 1 :]
        return ("http", "location", *after)
    return heads


def is_allowed(name: str, heads: Heads) -> bool:
    """Whether nginx takes a directive there; one that the table does not know may stand anywhere."""
    key = table_key(heads)
    if name not in DIRECTIVES or key not in CONTEXTS or ADDED.get(name) == key:
        return True
    return any(mask & CONTEXTS[key] for mask in DIRECTIVES[name])


def allowed(name: str) -> tuple[str, ...]:
    """The blocks where nginx takes a directive."""
    masks = DIRECTIVES.get(name, [])
    return tuple(word for context, word in WORDS.items() if any(mask & CONTEXTS[context] for mask in masks))


def around(names: Iterable[str]) -> Heads:
    """The blocks that a piece of a configuration must stand in, by the directives that it begins with.

    The outermost that something needs: `server` stands in `http`, `listen` in a server, `proxy_pass` in a location.
    """
    known = [name for name in names if name in DIRECTIVES]
    for heads, inner in (
        (MAIN, ("http",)),
        (("http",), ("http", "server")),
        (("http", "server"), ("http", "location")),
    ):
        if any(is_allowed(name, heads) and not is_allowed(name, inner) for name in known if name != "include"):
            return heads
    within = any(not is_allowed(name, ("http", "server")) and is_allowed(name, ("http", "location")) for name in known)
    return ("http", "server", "location") if within else ("http", "server")


def is_configuration(text: str) -> bool:
    """Whether a text is nginx's: it can be read as that, and begins with nothing that nginx does not know."""
    if len(text) > LONGEST:
        return False
    try:
        names = {statement.name for statement in read(text)}
    except NotNginx:
        return False
    return bool(names) and names <= DIRECTIVES.keys()
