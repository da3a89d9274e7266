"""Terraform's language as trees of nodes with lines; what cannot be parsed is trouble, never an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from plimsoll.artefacts import trees
from plimsoll.artefacts.trees import MOST_DEPTH, Reading
from plimsoll.model import Spot
from plimsoll.observations.artefacts import Document, Node, SourceFile, Trouble
from plimsoll.observations.artefacts.node import Scalar

# Typed here as Any: the parser's trees have children of any kind, and no types of their own.
Tree = Any

NULL = "null"
ENCODERS = frozenset({"jsonencode", "yamlencode"})
"""Functions whose argument is what the file means to say (Terraform language, built-in functions)."""


@lru_cache(512)
def read(source: SourceFile) -> Reading:
    """The one document of a file: each block a table under its type, its labels joined by dots as the table's text.

    A scalar that depends on something else (`var.size`, `"${var.name}-db"`) has a text and no value; an argument that
    is null is not there, as Terraform treats it.
    """
    if source.name.endswith(".json"):
        return trees.read(source)
    # Imported here: a grammar is loaded, and most runs meet no Terraform.
    import hcl2  # noqa: PLC0415 - see above
    from lark.exceptions import LarkError  # noqa: PLC0415 - comes with it

    reading = Reading()
    if not source.text.strip():
        return reading
    try:
        tree = hcl2.parses_to_tree(source.text)
        reader = _Reader(source, reading)
        root = Node(spot=source.spot(1), entries=tuple(reader.body(tree.children[0], 0)), is_table=True)
        reading.documents.append(Document(source=source, root=root))
    except LarkError as error:
        line = getattr(error, "line", 1)
        spot = source.spot(line if isinstance(line, int) and line > 0 else 1)
        reading.troubles.append(Trouble(spot=spot, what="is not Terraform: " + str(error).partition("\n")[0]))
    except (RecursionError, ValueError) as error:
        said = str(error).partition("\n")[0] or "nested too deep"
        reading.troubles.append(Trouble(spot=source.spot(1), what=f"is not Terraform: {said}"))
    return reading


class _Reader:
    """One file being turned into nodes."""

    def __init__(self, source: SourceFile, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._kinds: dict[str, Callable[[Tree, Spot, int], Node]] = {
            "tuple": self._list,
            "object": self._object,
            "string": self._string,
            "int_lit": self._number,
            "float_lit": self._number,
            "literal_value": self._literal,
            "heredoc_template": self._heredoc,
            "heredoc_template_trim": self._heredoc,
            "function_call": self._call,
        }

    def body(self, tree: Tree, depth: int) -> Iterator[tuple[str, Node]]:
        """What stands between two braces, or in the file."""
        if depth > MOST_DEPTH:
            raise ValueError(f"nested more than {MOST_DEPTH} deep")
        for child in tree.children:
            kind = _kind(child)
            if kind == "attribute":
                node = self._value(child.children[-1], self._spot(child), depth)
                if node.text != NULL or node.value is not None:
                    yield _word(child.children[0]), node
            elif kind == "block":
                words = [_word(part) for part in child.children if _kind(part) in ("identifier", "string")]
                inside = next((part for part in child.children if _kind(part) == "body"), None)
                entries = tuple(self.body(inside, depth + 1)) if inside is not None else ()
                labels = ".".join(words[1:])
                yield words[0], Node(spot=self._spot(child), text=labels, entries=entries, is_table=True)

    def _value(self, tree: Tree, spot: Spot, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise ValueError(f"nested more than {MOST_DEPTH} deep")
        while _kind(tree) == "expr_term" and len(tree.children) == 1:
            tree = tree.children[0]
        reader = self._kinds.get(_kind(tree))
        return reader(tree, spot, depth + 1) if reader else Node(spot=spot, text=self._written(tree))

    def _list(self, tree: Tree, spot: Spot, depth: int) -> Node:
        parts = [part for part in tree.children if _kind(part) not in ("", "new_line_or_comment")]
        return Node(spot=spot, items=tuple(self._value(part, self._spot(part), depth) for part in parts), is_list=True)

    def _object(self, tree: Tree, spot: Spot, depth: int) -> Node:
        parts = [part for part in tree.children if _kind(part) == "object_elem"]
        entries = (
            (self._key(part.children[0]), self._value(part.children[-1], self._spot(part), depth)) for part in parts
        )
        return Node(spot=spot, entries=tuple(entries), is_table=True)

    def _key(self, tree: Tree) -> str:
        return self._written(tree).strip('"')

    def _string(self, tree: Tree, spot: Spot, _: int) -> Node:
        text = self._written(tree)[1:-1]
        depends = any(_kind(part) == "interpolation" for part in tree.iter_subtrees())
        text = text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
        return Node(spot=spot, text=text, value=None if depends else text)

    def _number(self, tree: Tree, spot: Spot, _: int) -> Node:
        text = self._written(tree)
        return Node(spot=spot, text=text, value=float(text) if "." in text or "e" in text.lower() else int(text))

    def _literal(self, tree: Tree, spot: Spot, _: int) -> Node:
        text = self._written(tree)
        meaning: dict[str, Scalar] = {"true": True, "false": False}
        return Node(spot=spot, text=text, value=meaning.get(text))

    def _heredoc(self, tree: Tree, spot: Spot, _: int) -> Node:
        """The lines between the marks; a JSON document in them is read as one."""
        lines = str(tree.children[0]).strip().split("\n")[1:-1]
        text = "\n".join(lines)
        if text.lstrip()[:1] in ("{", "["):
            first = self._source.first + tree.meta.line
            inner = trees.read(replace(self._source, text=text, first=first))
            if inner.documents and not inner.troubles:
                return replace(inner.documents[0].root, spot=spot)
        return Node(spot=spot, text=text, value=None if "${" in text else text)

    def _call(self, tree: Tree, spot: Spot, depth: int) -> Node:
        arguments = next((part for part in tree.children if _kind(part) == "arguments"), None)
        values = [part for part in arguments.children if _kind(part)] if arguments is not None else []
        values = [part for part in values if _kind(part) != "new_line_or_comment"]
        if _word(tree.children[0]) in ENCODERS and len(values) == 1:
            return self._value(values[0], spot, depth)
        return Node(spot=spot, text=self._written(tree))

    def _written(self, tree: Tree) -> str:
        """What the file says there, letter by letter."""
        return self._source.text[tree.meta.start_pos : tree.meta.end_pos].strip()

    def _spot(self, tree: Tree) -> Spot:
        return self._source.spot(tree.meta.line)


def _kind(tree: Tree) -> str:
    """What a part of the parser's tree is; "" for a token such as a comma."""
    return str(getattr(tree, "data", ""))


def _word(tree: Tree) -> str:
    """A name, with or without quotes."""
    return "".join(str(token) for token in tree.scan_values(lambda _: True)).strip().strip('"')
