"""One TOML file read with suspicion: every complaint names file, line, key, what was expected and a hint."""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TypeVar

from plimsoll.errors import BadInput
from plimsoll.shape import WrongShape, coerce, describe, nearest

LARGEST = 1024 * 1024
"""Bytes of the largest file read: a thousand times a long deployment."""

TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
Table = Mapping[str, object]
Record = TypeVar("Record")


class TomlFile:
    """A file, its text and its tables. A table is addressed as `limits`, `services.edge` or `promise[3]`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
        self.text = self._read()
        try:
            self.document: Table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = TOML_PLACE.search(str(error))
            raise BadInput(
                f"not TOML: {TOML_PLACE.sub('', str(error)).strip()}",
                file=self.shown,
                line=int(place[1]) if place else self.text.count("\n") + 1,
                hint="texts are quoted, tables are [name], lists of tables are [[name]]",
            ) from error

    def wrong(self, fact: str, *, table: str = "", key: str = "", hint: str = "") -> BadInput:
        """The complaint about one key of one table, with its line."""
        named = ".".join(part for part in (table, key) if part)
        return BadInput(fact, file=self.shown, line=line_of(self.text, table, key), key=named, hint=hint)

    def only(self, given: Iterable[str], known: Iterable[str], *, table: str = "") -> None:
        """Raises for the first key that is not known, naming the nearest one."""
        known = list(known)
        for key in given:
            if key not in known:
                raise self.wrong(
                    f"unknown key{nearest(key, known)}",
                    table=table,
                    key=key,
                    hint=f"known here: {', '.join(sorted(known))}",
                )

    def value(
        self, found: Table, key: str, annotation: object, *, table: str = "", default: object = MISSING
    ) -> object:
        """The value of one key in the annotated shape."""
        if key not in found:
            if default is MISSING:
                raise self.wrong("missing", table=table, key=key, hint=f"{key} is {describe(annotation)}")
            return default
        try:
            return coerce(found[key], annotation)
        except WrongShape as error:
            raise self.wrong(str(error), table=table, key=key) from error

    def values(
        self, found: Table, shapes: Mapping[str, object], *, required: Iterable[str], table: str
    ) -> dict[str, object]:
        """The values given, each in its shape; keys that are required must be there, others may not."""
        self.only(found, shapes, table=table)
        for key in required:
            if key not in found:
                raise self.wrong(f"{key} is missing", table=table, hint=f"{key} is {describe(shapes[key])}")
        return {key: self.value(found, key, shapes[key], table=table) for key in found}

    def record(self, found: object, kind: type[Record], *, table: str, **given: object) -> Record:
        """The table as a dataclass; `given` are fields the file does not say."""
        if not isinstance(found, dict):
            raise self.wrong(f"expected a table, got {found!r}", key=table, hint=f"[{table}]")
        hints = typing.get_type_hints(kind)
        open_fields = [f for f in fields(kind) if f.name not in given]  # type: ignore[arg-type] # only dataclasses are asked for
        required = [f.name for f in open_fields if f.default is MISSING and f.default_factory is MISSING]
        shapes = {f.name: hints[f.name] for f in open_fields}
        return kind(**given, **self.values(found, shapes, required=required, table=table))

    def _read(self) -> str:
        try:
            if self.path.stat().st_size > LARGEST:
                raise BadInput(
                    f"larger than {LARGEST} bytes", file=self.shown, hint="split promises into promises/<area>.toml"
                )
            return self.path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.path.read_bytes()[: error.start].count(b"\n") + 1
            raise BadInput("not UTF-8", file=self.shown, line=line, hint="save the file as UTF-8") from error
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", file=self.shown) from error


def line_of(text: str, table: str, key: str) -> int:
    """The line of a key within a table, of the table if the key stands elsewhere, else the first: tomllib keeps no places."""
    name, _, number = table.partition("[")
    index = int(number.rstrip("]")) if number else 0
    lines = text.splitlines()
    start = 0
    if table:
        header = re.compile(rf"^\s*\[\[?\s*{re.escape(name)}\s*\]\]?")
        places = [i for i, line in enumerate(lines) if header.match(line)]
        if not places:
            return next(
                (i for i, line in enumerate(lines, 1) if re.match(rf"\s*{re.escape(name.split('.')[0])}\b", line)), 1
            )
        start = places[min(index, len(places) - 1)]
    assignment = re.compile(
        rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=|^\s*\[\[?\s*(?:{re.escape(name)}\.)?{re.escape(key)}\s*[\].]"
    )
    for i, line in enumerate(lines[start:], start):
        if (
            i > start
            and table
            and re.match(r"^\s*\[", line)
            and not re.match(rf"^\s*\[\[?\s*{re.escape(name)}\.", line)
        ):
            break
        if key and assignment.match(line):
            return i + 1
    return start + 1
