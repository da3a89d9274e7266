"""How nginx files map paths to files and applications, and what they tell of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.rules.nginx import Context, configs, is_web, kind, place, servers, spot, target, unique

__all__ = ["nginx_aliases_closed", "nginx_cors_valid", "nginx_paths_joined", "nginx_version_hidden"]

PLAIN = ("", "^~")
"""Locations that are the beginnings of paths."""

TELLING = ("on", "build")
ORIGIN = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"


def nginx_aliases_closed(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every alias that ends in a slash belongs to a location that does: else `/files../` leads one folder up."""
    aliases = [
        (tree, d, prefix)
        for tree in configs(nginx, files)
        for d in tree.named("alias")
        if d.arguments and (prefix := _prefix(d.context))
    ]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"location {prefix} with an alias that ends in a slash: {prefix}../ leads out of it{tree.note}",
                fix=f"location {prefix}/",
                beside=(place(d.context),),
            )
            for tree, d, prefix in aliases
            if d.arguments[0].endswith("/") and not prefix.endswith("/")
        ),
        looked=[f"{d.where}: {prefix}" for _, d, prefix in aliases],
        expected="a slash at the end of both, or of neither",
        nothing="no nginx file has an alias for the beginning of a path",
    )


def nginx_paths_joined(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Where nginx replaces the beginning of a path, what follows is joined by one slash: not by two, not by none."""
    replaced = [each for tree in configs(nginx, files) for each in _replaced(tree)]
    return promise.judged(
        unique(hole for tree, d, prefix, new in replaced if (hole := _misjoined(tree, d, prefix, new))),
        looked=[f"{d.where}: {prefix} -> {new or 'as it is'}" for _, d, prefix, new in replaced],
        expected="a slash at the end of both, or of neither",
        nothing="no nginx file maps the beginning of a path",
    )


def nginx_version_hidden(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """No server of nginx tells its version in errors and in the Server header."""
    found = [(tree, server) for tree in configs(nginx, files) for server in servers(tree) if not _hides(tree)]
    hidden = [tree for tree in configs(nginx, files) if _hides(tree)]
    holes = []
    for tree, server in found:
        said = tree.effective("server_tokens", server)
        if any(d.arguments[:1] == (word,) for d in said for word in TELLING):
            holes.append(
                Hole(spot=spot(said[-1]), what=f"nginx tells its version{tree.note}", fix="server_tokens off;")
            )
        elif tree.lacks("server_tokens", server):
            holes.append(
                Hole(
                    spot=place(server[:1]),
                    what="nginx tells its version: server_tokens is not set",
                    fix="server_tokens off;",
                )
            )
    return promise.judged(
        unique(holes),
        looked=[f"{place(s)}: {tree.source.name}" for tree, s in found] + [tree.source.name for tree in hidden],
        expected="server_tokens off",
        nothing="no nginx file has a server",
    )


def nginx_cors_valid(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every origin that nginx allows is one that a browser can have: no path, no list, no star with credentials."""
    allowed = [
        (tree, d)
        for tree in configs(nginx, files)
        for d in tree.named("add_header")
        if len(d.arguments) > 1 and d.arguments[0].lower() == ORIGIN
    ]
    return promise.judged(
        unique(
            Hole(spot=spot(d), what=f"{what}{tree.note}", fix="one origin, such as https://app.example.com")
            for tree, d in allowed
            for what in _impossible(tree, d)
        ),
        looked=[f"{d.where}: {d.arguments[1]}" for _, d in allowed],
        expected="origins that browsers send",
        nothing="no nginx file allows an origin",
    )


def _prefix(context: Context) -> str:
    """The beginning of the paths that a block is for; "" where it is for one path, or for a pattern."""
    if kind(context) != "location":
        return ""
    words = context[-1].partition("#")[0].split(" ")[1:]
    modifier, path = (words[0], words[1]) if len(words) == 2 else ("", words[0] if words else "")  # noqa: PLR2004 - a modifier and a path
    return path if modifier in PLAIN and path.startswith("/") else ""


def _replaced(tree: NginxTree) -> Iterator[tuple[NginxTree, Directive, str, str]]:
    """The directives that may put something in the place of a path's beginning; "" where one puts nothing there."""
    for directive in tree.named("proxy_pass", "alias"):
        prefix = _prefix(directive.context)
        if prefix and directive.arguments and is_web(directive.context) and "$" not in directive.arguments[0]:
            url = directive.arguments[0]
            yield tree, directive, prefix, url if directive.name == "alias" else target(directive)[2]


def _misjoined(tree: NginxTree, directive: Directive, prefix: str, new: str) -> Hole | None:
    if not new:
        return None
    if directive.name == "proxy_pass" and new.endswith("/") and not prefix.endswith("/"):
        what = f"{prefix}/x is passed on as {new}/x, with two slashes"
    elif (
        prefix.endswith("/")
        and not new.endswith("/")
        and new.rpartition("/")[2] != prefix.rstrip("/").rpartition("/")[2]
    ):
        what = f"{prefix}x becomes {new}x, with nothing in between"
    else:
        return None
    fix = f"end {directive.arguments[0]} as the location ends: with or without a slash"
    return Hole(spot=spot(directive), what=f"{what}{tree.note}", fix=fix, beside=(place(directive.context),))


def _hides(tree: NginxTree) -> bool:
    """Whether a module of its own takes care of the header."""
    return any(d.name.startswith("more_") and "server" in " ".join(d.arguments).lower() for d in tree.directives)


def _impossible(tree: NginxTree, directive: Directive) -> Iterator[str]:
    origin = directive.arguments[1]
    beside = {d.arguments[0].lower(): d.arguments[1] for d in tree.inside(directive.context) if _is_header(d)}
    if origin == "*" and beside.get(CREDENTIALS, "").lower() == "true":
        yield "a star with credentials: browsers refuse it"
    if "," in origin or " " in origin.strip():
        yield f"{origin!r} is a list: browsers take one origin, and refuse everything else"
    elif origin.startswith(("http://", "https://")) and "/" in origin.partition("://")[2]:
        yield f"{origin} has a path, if only a slash: no origin has one, so it matches none"


def _is_header(directive: Directive) -> bool:
    return directive.name == "add_header" and len(directive.arguments) > 1
