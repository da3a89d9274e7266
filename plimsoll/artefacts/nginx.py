"""nginx configurations with what they include in place, whole ones and pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import PurePosixPath

from plimsoll.artefacts import ciphers, nginx_places
from plimsoll.artefacts.nginx_text import NotNginx, Statement, read
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import SourceFile, Trouble
from plimsoll.observations.artefacts.nginx import Context, Misplaced, NginxFiles, NginxTree

PREFIXES = ("/etc/nginx/", "/usr/local/nginx/conf/", "/usr/local/openresty/nginx/conf/", "/opt/nginx/conf/", "/")
"""Where relative includes start, in the distributions' packages and in nginx's own."""

HARMLESS = ("mime.types", "fastcgi_params", "fastcgi.conf", "scgi_params", "uwsgi_params", "modules-enabled/*.conf")
"""Files that come with nginx, of which everybody knows what they say."""

TABLES = frozenset({"map", "geo", "split_clients", "types", "charset_map", "match"})
"""Blocks of values, and of no directives."""

LOCATION = ("http", "server", "location")
"""Where a piece may stand as well as in a server, if nothing in it belongs to a server alone."""

DEEPEST = 16
"""Includes within includes; deeper ones go in a circle."""

Included = Callable[[str], Sequence[tuple[SourceFile, tuple[Statement, ...]]]]


@dataclass(slots=True)
class Walk:
    """The way through one configuration: the directives met, and the blocks with includes that are not at hand."""

    included: Included
    directives: list[Directive] = field(default_factory=list)
    gaps: set[Context] = field(default_factory=set)

    def through(self, block: Iterable[Statement], source: SourceFile, context: Context = (), *, depth: int = 0) -> None:
        """Takes in a block; an include continues in place, so that what it sets belongs to the block."""
        for each in block:
            there = source.spot(each.line)
            directive = Directive(
                name=each.name, arguments=each.arguments, file=there.file, line=there.line, context=context
            )
            self.directives.append(directive)
            if each.name == "include" and each.arguments:
                found = self.included(each.arguments[0]) if depth < DEEPEST else ()
                for other, statements in found:
                    self.through(statements, other, context, depth=depth + 1)
                if not found and not each.arguments[0].endswith(HARMLESS):
                    self.gaps.add(context)
            if each.block is not None and each.name not in TABLES:
                self.through(each.block, source, directive.inside, depth=depth)


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> NginxFiles:
    """Every configuration among the files; a file that another includes is a part of that one."""
    parsed: dict[SourceFile, tuple[Statement, ...]] = {}
    troubles: list[Trouble] = []
    for source in sources:
        try:
            parsed[source] = read(source.text, cut=source.fragment)
        except NotNginx as error:
            troubles.append(Trouble(spot=source.spot(error.line), what=f"is no nginx configuration: {error.said}"))
    taken = {
        other
        for source, statements in parsed.items()
        for pattern in _includes(statements)
        for other in matching(pattern, source, parsed)
        if other is not source
    }
    roots = [source for source in parsed if source not in taken] or list(parsed)
    trees = tuple(tree for source in roots for tree in _trees(source, parsed))
    return NginxFiles(sources=sources, trees=trees, troubles=tuple(troubles), seen_at=seen_at)


def matching(pattern: str, source: SourceFile, files: Iterable[SourceFile]) -> list[SourceFile]:
    """The files that an include means: those whose paths end like it, the nearest to whoever includes them."""
    prefix = next((prefix for prefix in PREFIXES if pattern.startswith(prefix)), "")
    wanted = pattern.removeprefix(prefix)
    if not wanted or "$" in wanted:
        return []
    found = [other for other in files if _ends(other.name, wanted)]
    near = max((_shared(other.name, source.name) for other in found), default=0)
    return [other for other in found if _shared(other.name, source.name) == near]


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(PurePosixPath(one).parent.parts, PurePosixPath(other).parent.parts, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _ends(name: str, wanted: str) -> bool:
    try:
        return PurePosixPath(name).match(wanted)
    except ValueError:
        return False


def _includes(statements: Iterable[Statement]) -> Iterator[str]:
    for each in statements:
        if each.name == "include" and each.arguments:
            yield each.arguments[0]
        if each.block and each.name not in TABLES:
            yield from _includes(each.block)


def _trees(source: SourceFile, parsed: dict[SourceFile, tuple[Statement, ...]]) -> Iterator[NginxTree]:
    statements = parsed[source]
    heads = nginx_places.around(each.name for each in statements)
    if _is_stream(statements, source):
        heads = ("stream",)
    outer: Context = ()
    for head in heads:
        outer = (*outer, f"{head}#")
    walk = Walk(lambda pattern: [(each, parsed[each]) for each in matching(pattern, source, parsed)])
    walk.through(statements, source, outer)
    strings = {" ".join(d.arguments) for d in walk.directives if d.name == "ssl_ciphers"}
    if walk.directives:
        yield NginxTree(
            source=source,
            directives=tuple(walk.directives),
            around=heads,
            whole=not heads and not source.fragment and any(each.name == "http" for each in statements),
            gaps=frozenset(walk.gaps),
            misplaced=tuple(_misplaced(walk.directives, outer)),
            suites={string: ciphers.suites(string) for string in strings},
            ghosts={string: names for string in strings if (names := ciphers.ghosts(string))},
        )


def _is_stream(statements: Iterable[Statement], source: SourceFile) -> bool:
    """Whether a piece belongs to stream, where a server passes on by itself."""
    servers = [each for each in statements if each.name == "server" and each.block]
    passes = [s for s in servers if {"proxy_pass"} <= {each.name for each in s.block or ()}]
    locations = [s for s in servers if {"location", "server_name"} & {each.name for each in s.block or ()}]
    return bool(passes and not locations) or "stream" in PurePosixPath(source.name).parent.name


def _misplaced(directives: Sequence[Directive], outer: Context) -> Iterator[Misplaced]:
    first = {directive.name for directive in directives if directive.context == outer}
    vague = len(outer) > 1 and all(nginx_places.is_allowed(name, LOCATION) for name in first)
    for directive in directives:
        if directive.context == outer and outer:
            continue  # what a piece begins with stands wherever the piece is put
        heads = tuple(label.partition("#")[0].partition(" ")[0] for label in directive.context)
        places = (heads, (*LOCATION, *heads[len(outer) :])) if vague else (heads,)
        if not any(nginx_places.is_allowed(directive.name, each) for each in places):
            yield Misplaced(directive=directive, allowed=nginx_places.allowed(directive.name))
