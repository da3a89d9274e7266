"""Where things stand in a TOML text: tomllib keeps no places, and a complaint without a line is half a complaint."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # strings of many lines may end in quotes of their own
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)
"""What can hide or hold a line's end: strings, comments, brackets."""

NUMBERED = re.compile(r"(.+)\[([0-9]+)\]")
"""One table of a list, as complaints name it."""

Path = tuple[str | int, ...]


def line_of(text: str, table: str, key: str) -> int:
    """The line of a key within a table (`limits`, `promise[3]`), of the table if it has no such key, else 1.

    The text is TOML that tomllib has read; tables written inline, dotted or quoted keys are found as well.
    """
    wanted = (*_path(table), *([key] if key else ()))
    lines: dict[int, int] = {}
    for line, where, said in _statements(text):
        for length in range(1, len(wanted) + 1):
            if length not in lines and _reaches(wanted[:length], where, said):
                lines[length] = line
    return lines[max(lines)] if lines else 1


def places(text: str) -> dict[Path, int]:
    """The line of every table and every assignment of a TOML text that tomllib has read; keys by the path to them."""
    lines: dict[Path, int] = {}
    for line, where, said in _statements(text):
        lines.setdefault(where, line)
        for path in _paths(where, said):
            lines.setdefault(path, line)
    return lines


def _paths(where: Path, said: object) -> Iterator[Path]:
    """The path to everything that one statement says, outermost first."""
    entries = said.items() if isinstance(said, Mapping) else enumerate(said) if isinstance(said, list) else ()
    for key, value in entries:
        yield (*where, key)
        yield from _paths((*where, key), value)


def _path(table: str) -> Path:
    """The steps that lead to a table: `promise[3]` is "promise", then 3."""
    steps: list[str | int] = []
    for part in table.split(".") if table else ():
        numbered = NUMBERED.fullmatch(part)
        steps += [numbered[1], int(numbered[2])] if numbered else [part]
    return tuple(steps)


def _statements(text: str) -> Iterator[tuple[int, Path, object]]:
    """Every header and every assignment: its line, the table it stands in, what it says there."""
    where: Path = ()
    tables: dict[Path, int] = {}
    for line, statement in _split(text):
        said = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            where = _opened(said, tables)
            yield line, where, {}
        elif said:
            yield line, where, said


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a text with their lines: a line's end ends one unless a bracket or a string is open."""
    start, line, first, depth = 0, 1, 1, 0
    for token in TOKEN.finditer(text + "\n"):
        depth += (token[0] in "[{") - (token[0] in "]}")
        line += token[0].count("\n")
        if token[0] == "\n" and depth == 0:
            yield first, text[start : token.start()]
            start, first = token.end(), line


def _opened(header: Mapping[str, object], tables: dict[Path, int]) -> Path:
    """The table that a header opens; lists of tables are counted, and the tables inside belong to the last one."""
    where: Path = ()
    said: object = header
    while isinstance(said, dict) and said:
        name, said = next(iter(said.items()))
        where = (*where, name)
        if isinstance(said, list):
            tables[where] = tables.get(where, -1) + 1
            said = said[0]
        if where in tables:
            where = (*where, tables[where])
    return where


def _reaches(wanted: Path, where: Path, said: object) -> bool:
    """Whether the steps lead to the table, or on from there to something that is said."""
    if wanted[: len(where)] != where[: len(wanted)]:
        return False
    for step in wanted[len(where) :]:
        if isinstance(said, dict) and step in said:
            said = said[str(step)]
        elif isinstance(said, Sequence) and not isinstance(said, str) and isinstance(step, int) and step < len(said):
            said = said[step]
        else:
            return False
    return True
