"""What JavaScript and TypeScript files state as object literals; whatever else is code is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.artefacts import trees
from plimsoll.model import Spot
from plimsoll.observations.artefacts import Call, Document, Node, SourceFile, Trouble
from plimsoll.observations.artefacts.node import Scalar

EXPORTED = re.compile(r"(?:module\.exports\s*=|export\s+default)\s*(?=\{)")
CALLED = re.compile(r"(?<![\w$.])(?:new\s+)?(?P<name>[A-Za-z_$][\w$]*(?:\.[\w$]+)*)\s*(?:<[\w\s,'|]*>)?\(\s*(?=\{)")
"""A call, or a new object, whose first argument is an object literal."""

SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
KEY = re.compile(r"""(?P<bare>[\w$]+)|'(?P<single>(?:[^'\\\n]|\\.)*)'|"(?P<double>(?:[^"\\\n]|\\.)*)\"""")
TEXT = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`""")
NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "undefined": None}
OPENING, CLOSING = "([{", ")]}"
MOST_DEPTH = 50
"""Tables in tables that anybody writes by hand; deeper ones are taken as text."""


class NoLiteral(ValueError):
    """A text that does not go on as an object literal would."""


def settings(source: SourceFile) -> trees.Reading:
    """The object that a file exports (a process file of PM2); one in JSON or YAML is read as such."""
    exported = EXPORTED.search(source.text)
    if (
        exported is None
        and re.match(r"\s*[{\w-]+[\s\S]*", source.text)
        and source.name.endswith((".json", ".yml", ".yaml"))
    ):
        return trees.read(source)
    reading = trees.Reading()
    if exported is None:
        reading.troubles.append(Trouble(spot=source.spot(1), what="exports no object that could be read"))
        return reading
    try:
        root, _ = _Reader(source).value(exported.end(), 0)
        reading.documents.append(Document(source=source, root=root))
    except NoLiteral as error:
        reading.troubles.append(Trouble(spot=source.spot(1), what=str(error)))
    return reading


def calls(source: SourceFile) -> Iterator[Call]:
    """Every call with an object literal as its first argument: `new prom.Counter({…})`, `Sentry.init({…})`."""
    reader = _Reader(source)
    for found in CALLED.finditer(source.text):
        try:
            argument, _ = reader.value(found.end(), 0)
        except NoLiteral:
            continue
        yield Call(name=found["name"], argument=argument, spot=reader.spot(found.start()))


class _Reader:
    """One text being read, from any place in it."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._text = source.text

    def spot(self, at: int) -> Spot:
        return self._source.spot(self._text.count("\n", 0, at) + 1)

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        """The value that begins there, and where it ends. Raises NoLiteral."""
        at = self._skip(at)
        here, spot = self._text[at : at + 1], self.spot(at)
        if here and here in "{[" and depth < MOST_DEPTH:
            node, end = self._table(at, spot, depth) if here == "{" else self._list(at, spot, depth)
            if self._text[self._skip(end) : self._skip(end) + 1] in ("", ",", "}", "]", ")", ";") or depth == 0:
                return node, end
        end = self._end_of_expression(at)
        written = self._text[at:end].strip()
        if TEXT.fullmatch(written):
            return Node(spot=spot, text=written[1:-1], value=written[1:-1]), end
        if NUMBER.fullmatch(written):
            plain = written.replace("_", "")
            return Node(spot=spot, text=plain, value=float(plain) if "." in plain else int(plain[:18])), end
        return Node(spot=spot, text=written, value=WORDS.get(written, written)), end

    def _table(self, at: int, spot: Spot, depth: int) -> tuple[Node, int]:
        entries: list[tuple[str, Node]] = []
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "}":
            key = KEY.match(self._text, at)
            name = (key["bare"] or key["single"] or key["double"] or "") if key else ""
            after = self._skip(key.end()) if key else at
            if key and self._text[after : after + 1] == ":":
                node, end = self.value(after + 1, depth + 1)
                entries.append((name, _moved(node, self.spot(at))))
            else:  # a spread, a method, a name alone, a computed key
                end = self._end_of_expression(at)
                if end == at:
                    raise NoLiteral("an object literal that cannot be read")
                if key and after == self._skip(end):
                    entries.append((name, Node(spot=self.spot(at), text=name, value=name)))
            at = self._comma(end)
        return Node(spot=spot, entries=tuple(entries), is_table=True), at + 1

    def _list(self, at: int, spot: Spot, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "]":
            node, end = self.value(at, depth + 1)
            if end == at:
                raise NoLiteral("a list that cannot be read")
            items.append(node)
            at = self._comma(end)
        return Node(spot=spot, items=tuple(items), is_list=True), at + 1

    def _comma(self, at: int) -> int:
        at = self._skip(at)
        if at >= len(self._text):
            raise NoLiteral("an object literal that never ends")
        return self._skip(at + 1) if self._text[at] == "," else at

    def _skip(self, at: int) -> int:
        found = SPACE.match(self._text, at)
        return found.end() if found else at

    def _end_of_expression(self, at: int) -> int:
        """Where the expression that begins there ends: at a comma or a closing bracket that is not its own."""
        depth = 0
        while at < len(self._text):
            here = self._text[at]
            if here in "'\"`" and (text := TEXT.match(self._text, at)):
                at = text.end()
                continue
            if self._text.startswith(("//", "/*"), at) and self._skip(at) > at:
                at = self._skip(at)
                continue
            if here in OPENING:
                depth += 1
            elif here in CLOSING or (here in ",;" and not depth):
                if not depth:
                    return at
                depth -= 1
            at += 1
        return at


def _moved(node: Node, spot: Spot) -> Node:
    """The node at the line of its key, as in every other tree."""
    return Node(
        spot=spot,
        text=node.text,
        value=node.value,
        entries=node.entries,
        items=node.items,
        is_table=node.is_table,
        is_list=node.is_list,
    )
