"""TOML as a tree of nodes with lines."""

from __future__ import annotations

import re
import tomllib

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Node, SourceFile
from plimsoll.places import Path, places

AT_LINE = re.compile(r"^(?P<said>.*?)\s*\(at line (?P<line>\d+), column \d+\)$", re.DOTALL)


class NotToml(Exception):
    """A text that is no TOML: what is wrong, and in which line."""

    def __init__(self, said: str, line: int) -> None:
        super().__init__(said)
        self.said = said
        self.line = line


def read(source: SourceFile) -> Node:
    """The document as a tree. Raises NotToml, RecursionError."""
    try:
        said = tomllib.loads(source.text)
        lines = places(source.text)
    except ValueError as error:
        found = AT_LINE.match(str(error))
        raise NotToml(found["said"] if found else str(error), int(found["line"]) if found else 1) from error
    return _node(said, (), source.spot(1), lines, source)


def _node(value: object, path: Path, spot: Spot, lines: dict[Path, int], source: SourceFile) -> Node:
    """One value; what stands in a value written on one line is in the line of that."""

    def inside(key: str | int, each: object) -> Node:
        deeper = (*path, key)
        there = source.spot(lines[deeper]) if deeper in lines else spot
        return _node(each, deeper, there, lines, source)

    if isinstance(value, dict):
        return Node(spot=spot, entries=tuple((str(k), inside(k, each)) for k, each in value.items()), is_table=True)
    if isinstance(value, list):
        return Node(spot=spot, items=tuple(inside(n, each) for n, each in enumerate(value)), is_list=True)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Node(spot=spot, text=text, value=value if isinstance(value, str | int | float | bool) else text)
