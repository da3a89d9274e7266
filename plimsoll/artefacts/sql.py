"""SQL taken apart into statements: quotes, dollar quotes and comments are honoured, everything else is let pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from plimsoll.observations.artefacts import SourceFile, SqlStatements, Statement

TOKEN = re.compile(
    r"""(?P<line>--[^\n]*)
    |(?P<block>/\*.*?(?:\*/|\Z))
    |(?P<string>[eE]'(?:''|\\.|[^'\\])*(?:'|\Z)|'(?:''|[^'])*(?:'|\Z))
    |(?P<name>"(?:""|[^"])*(?:"|\Z))
    |(?P<dollar>\$(?P<tag>[A-Za-z_]\w*)\$.*?(?:\$(?P=tag)\$|\Z)|\$\$.*?(?:\$\$|\Z))
    |(?P<end>;)
    |(?P<psql>^[ \t]*\\[^\n]*$)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""What decides where a statement ends (PostgreSQL manual, 4.1); the rest are words."""

VISIBLE = re.compile(r"\S")


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> SqlStatements:
    """The statements of SQL files."""
    found = tuple(statement for source in sources for statement in read(source))
    return SqlStatements(sources=sources, statements=found, seen_at=seen_at)


def read(source: SourceFile) -> Iterator[Statement]:
    """Every statement of a file."""
    text, bare, start = source.text, list(source.text), 0
    clean = list(source.text)
    for token in TOKEN.finditer(text):
        if token["end"] or token["psql"]:
            end = token.start() if token["end"] else token.end()
            yield from _statement(source, clean, bare, start, end)
            start = token.end()
        else:
            inside = slice(token.start() + 1, token.end() - 1) if token["string"] else slice(*token.span())
            if not token["name"]:
                bare[inside] = _blank(text[inside])
            if token["line"] or token["block"]:
                clean[token.start() : token.end()] = _blank(token[0])
    yield from _statement(source, clean, bare, start, len(text))


def _statement(source: SourceFile, clean: list[str], bare: list[str], start: int, end: int) -> Iterator[Statement]:
    text = "".join(clean[start:end])
    visible = VISIBLE.search(text)
    if visible is None:
        return
    begin = start + visible.start()
    yield Statement(
        source=source,
        first=source.text.count("\n", 0, begin) + 1,
        text=text[visible.start() :].rstrip(),
        bare="".join(bare[begin:end]).rstrip(),
    )


def _blank(text: str) -> list[str]:
    return ["\n" if character == "\n" else " " for character in text]
