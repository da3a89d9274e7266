"""YAML, JSON and TOML as trees of nodes with lines; whatever is odd in them is trouble, never an exception."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

import yaml

from plimsoll.artefacts import toml
from plimsoll.model import Spot
from plimsoll.observations.artefacts import Document, Node, SourceFile, Trouble
from plimsoll.observations.artefacts.node import Scalar

MOST_NODES = 200_000
"""Values in one file; a few lines of aliases can mean billions (a YAML bomb)."""

MOST_DEPTH = 100
MOST_TEXT = 2 * 2**20
"""Characters of a file that is read as a tree; people write none that long, and a run has to end in seconds."""

KEPT = 2_048
"""Files that are kept once read: several observations hold the same one, and mutants change one of many."""

MERGE = "tag:yaml.org,2002:merge"
NESTING = re.compile(r"^[ \t]*(?:[-?:][ \t]+){50}|^ {500}", re.MULTILINE)
MANY_BRACKETS = 1_000
"""What nests so deep that the C parser may leave its stack; then its events are counted first."""

OPENED = ("flow sequence", "flow mapping", "simple key", "quoted scalar")
"""What a parser was in when it stumbled, and where it began is where to look."""

COMMENTED = re.compile(r"^\s*(//|/\*)", re.MULTILINE)
"""JSON with comments is no JSON, but tools of its own read it (jsonc.org)."""


@dataclass(slots=True)
class Reading:
    """What one file holds: its documents, and what could not be understood.

    `repeated` are keys that stand twice in a table, `broken` is whether the file is not what it is said to be.
    """

    documents: list[Document] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    repeated: list[Trouble] = field(default_factory=list)
    broken: bool = False

    def fail(self, spot: Spot, what: str, *, broken: bool) -> None:
        """Something of the file was not understood."""
        self.troubles.append(Trouble(spot=spot, what=what))
        self.broken = self.broken or broken


class _TooMuch(Exception):
    """A file that means more than anybody wrote."""


@lru_cache(KEPT)
def read(source: SourceFile) -> Reading:
    """Every document of a YAML, JSON or TOML file; those before a mistake are kept."""
    reading = Reading()
    if len(source.text) > MOST_TEXT:
        reading.fail(source.spot(1), f"is longer than {MOST_TEXT // 2**20} MiB, and was not read", broken=False)
        return reading
    ending = PurePosixPath(source.name).suffix.lower()
    try:
        if ending == ".toml":
            _read_toml(source, reading)
        else:
            _read_yaml(source, reading, is_json=ending == ".json")
    except _TooMuch as error:
        reading.fail(source.spot(1), str(error), broken=False)
    except RecursionError:
        reading.fail(source.spot(1), "is nested too deep", broken=False)
    return reading


def _read_toml(source: SourceFile, reading: Reading) -> None:
    try:
        root = toml.read(source)
    except toml.NotToml as error:
        reading.fail(source.spot(error.line), f"is not TOML: {error.said}", broken=True)
    else:
        reading.documents.append(Document(source=source, root=root))


def _read_yaml(source: SourceFile, reading: Reading, *, is_json: bool) -> None:
    text = source.text
    if is_json:
        try:
            json.loads(text)
        except ValueError as error:
            what = getattr(error, "msg", str(error))
            line = getattr(error, "lineno", 1)
            if COMMENTED.search(text):
                reading.fail(source.spot(line), "is JSON with comments, which is none", broken=False)
            else:
                reading.fail(source.spot(line), f"is not JSON: {what}", broken=True)
            return
    reader = _Reader(source, reading)
    try:
        for root in _roots(text.replace("\t", "  ") if text.lstrip()[:1] in "{[" else text):
            if root is not None:
                node = reader.node(root, source.spot(1), depth=0)
                reading.documents.append(Document(source=source, root=node))
    except yaml.MarkedYAMLError as error:
        opened = (error.context or "").endswith(OPENED)  # the end of the file is no place to look for what is open
        mark = error.context_mark if opened else error.problem_mark
        line = min((mark.line if mark else 0), text.rstrip().count("\n")) + 1  # beyond the end nobody can look
        reading.fail(source.spot(line), f"is not YAML: {error.problem}", broken=True)
    except (yaml.YAMLError, ValueError) as error:
        said = (str(error).splitlines() or ["nobody knows why"])[0]
        reading.fail(source.spot(1), f"is not YAML: {said}", broken=True)


def is_yaml(text: str) -> bool:
    """Whether a text can be read as YAML."""
    try:
        return all(True for _ in _roots(text))
    except (yaml.YAMLError, ValueError, RecursionError, _TooMuch):
        return False


def _roots(text: str) -> Iterator[yaml.Node | None]:
    if text.count("[") + text.count("{") > MANY_BRACKETS or NESTING.search(text):
        _measure(text)
    loader = yaml.CSafeLoader(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _measure(text: str) -> None:
    """Raises _TooMuch for a text that nests deeper than anybody writes."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise _TooMuch(f"is nested more than {MOST_DEPTH} deep")


class _Reader:
    """One file being turned into nodes."""

    def __init__(self, source: SourceFile, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._count = 0
        self._repeated: set[Spot] = set()
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
        own: dict[str, int] = {}
        merged: list[tuple[str, Node]] = []
        found: list[tuple[str, Node]] = []
        for key, value in raw.value:
            if key.tag == MERGE:
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for part in parts:
                    if isinstance(part, yaml.Node):
                        merged += self.node(part, self._spot(part), depth=depth + 1).entries
                continue
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in own and isinstance(key, yaml.ScalarNode):
                what = f"the key {name!r} stands twice in one table, first in line {own[name]}: only one of them counts"
                self._repeat(self._spot(key), what)
            own.setdefault(name, self._spot(key).line)
            found.append((name, self.node(value, self._spot(key), depth=depth + 1)))
        yield from ((name, node) for name, node in merged if name not in own)
        yield from found

    def _repeat(self, spot: Spot, what: str) -> None:
        trouble = Trouble(spot=spot, what=what)
        if spot not in self._repeated:  # an alias shows the same table again
            self._repeated.add(spot)
            self._reading.repeated.append(trouble)

    def _spot(self, raw: yaml.Node) -> Spot:
        return self._source.spot(raw.start_mark.line + 1)

    def _value(self, raw: yaml.Node) -> Scalar:
        if raw.tag.endswith((":timestamp", ":binary", ":str")) or not raw.tag.startswith("tag:yaml.org,2002:"):
            return str(raw.value)
        try:
            value = self._meaning.construct_object(raw)
        except (yaml.YAMLError, ValueError, OverflowError, LookupError):
            return str(raw.value)
        return value if isinstance(value, str | int | float | bool) else None
