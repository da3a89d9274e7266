"""YAML, JSON and TOML as trees of nodes with lines; whatever is odd in them is trouble, never an exception."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Document, Node, SourceFile, Trouble
from plimsoll.observations.artefacts.node import Scalar

MOST_NODES = 200_000
"""Values in one file; a few lines of aliases can mean billions (a YAML bomb)."""

MOST_DEPTH = 100
MERGE = "tag:yaml.org,2002:merge"


@dataclass(slots=True)
class Reading:
    """What one file holds: its documents, and what could not be understood."""

    documents: list[Document] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


class _TooMuch(Exception):
    """A file that means more than anybody wrote."""


def read(source: SourceFile) -> Reading:
    """Every document of a YAML or JSON file; those before a mistake are kept."""
    reading = Reading()
    reader = _Reader(source, reading)
    try:
        for number, root in enumerate(_roots(source.text)):
            if root is not None:
                reading.documents.append(Document(source=source, root=reader.node(root, source.spot(1), depth=0)))
            elif number == 0 and not source.text.strip():
                continue
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        reading.troubles.append(Trouble(spot=source.spot(line), what=f"is not YAML: {error.problem}"))
    except _TooMuch as error:
        reading.troubles.append(Trouble(spot=source.spot(1), what=str(error)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = (str(error).splitlines() or ["nested too deep"])[0]
        reading.troubles.append(Trouble(spot=source.spot(1), what=f"is not YAML: {said}"))
    return reading


def _roots(text: str) -> Iterator[yaml.Node | None]:
    loader = yaml.SafeLoader(text.replace("\t", "  ") if text.lstrip()[:1] in "{[" else text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


class _Reader:
    """One file being turned into nodes."""

    def __init__(self, source: SourceFile, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._count = 0
        self._meaning = yaml.constructor.SafeConstructor()

    def node(self, raw: yaml.Node, spot: Spot, *, depth: int) -> Node:
        self._count += 1
        if self._count > MOST_NODES:
            raise _TooMuch(f"means more than {MOST_NODES:,} values")
        if depth > MOST_DEPTH:
            raise _TooMuch(f"is nested more than {MOST_DEPTH} deep")
        if isinstance(raw, yaml.MappingNode):
            return Node(spot=spot, entries=tuple(self._entries(raw, depth)), is_table=True)
        if isinstance(raw, yaml.SequenceNode):
            items = tuple(self.node(each, self._spot(each), depth=depth + 1) for each in raw.value)
            return Node(spot=spot, items=items, is_list=True)
        return Node(spot=spot, text=str(raw.value), value=self._value(raw))

    def _entries(self, raw: yaml.MappingNode, depth: int) -> Iterator[tuple[str, Node]]:
        own: set[str] = set()
        merged: list[tuple[str, Node]] = []
        found: list[tuple[str, Node]] = []
        for key, value in raw.value:
            if key.tag == MERGE:
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for part in parts:
                    merged += self.node(part, self._spot(part), depth=depth + 1).entries
                continue
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in own:
                self._reading.troubles.append(Trouble(spot=self._spot(key), what=f"the key {name!r} stands twice"))
            own.add(name)
            found.append((name, self.node(value, self._spot(key), depth=depth + 1)))
        yield from ((name, node) for name, node in merged if name not in own)
        yield from found

    def _spot(self, raw: yaml.Node) -> Spot:
        return self._source.spot(raw.start_mark.line + 1)

    def _value(self, raw: yaml.Node) -> Scalar:
        if raw.tag.endswith((":timestamp", ":binary", ":str")) or not raw.tag.startswith("tag:yaml.org,2002:"):
            return str(raw.value)
        try:
            value = self._meaning.construct_object(raw)
        except (yaml.YAMLError, ValueError, OverflowError):
            return str(raw.value)
        return value if isinstance(value, str | int | float | bool) else None
