"""One value of a YAML, JSON, TOML or HCL document, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A table, a list, a scalar, or nothing: what a missing key yields is a node too, and it is false.

    So `node["deploy"]["resources"]["limits"]` may be asked for without looking before each step. `spot` is the line of
    the key (of the entry, in a list); of a missing node, that of what it is missing from. `text` is a scalar as it is
    written, `value` what it means.
    """

    spot: Spot
    text: str = ""
    value: Scalar = None
    entries: tuple[tuple[str, Node], ...] = ()
    items: tuple[Node, ...] = ()
    is_table: bool = False
    is_list: bool = False
    missing: bool = False

    def __bool__(self) -> bool:
        """Whether it is there; an empty table and a null are."""
        return not self.missing

    def __getitem__(self, key: str | int) -> Node:
        """The value of a key, the last if it stands twice; of an entry by its number, from 0."""
        if isinstance(key, int):
            return self.items[key] if 0 <= key < len(self.items) else Node(spot=self.spot, missing=True)
        found = [value for name, value in self.entries if name == key]
        return found[-1] if found else Node(spot=self.spot, missing=True)

    def __iter__(self) -> Iterator[Node]:
        """The entries of a list, the values of a table."""
        return iter(self.items or tuple(value for _, value in self.entries))

    def __contains__(self, key: str) -> bool:
        """Whether a table has the key, or a list a scalar of that text."""
        return any(name == key for name, _ in self.entries) or any(item.text == key for item in self.items)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a table, in order, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.entries))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list's scalars; of a lone scalar, its own."""
        if self.is_list:
            return tuple(item.text for item in self.items if not item.is_table and not item.is_list)
        return (self.text,) if self and not self.is_table else ()

    def at(self, path: str) -> Node:
        """The value at a dotted path: `spec.template.spec`."""
        node = self
        for key in path.split("."):
            node = node[key]
        return node

    def walk(self) -> Iterator[Node]:
        """This node and all that is in it, outermost first."""
        yield self
        for each in self:
            yield from each.walk()
