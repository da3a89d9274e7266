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
from plimsoll.places import line_of
from plimsoll.shape import WrongShape, coerce, describe, nearest, shown

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
        except RecursionError as error:
            raise BadInput("nested too deeply", file=self.shown, hint="no table needs more than four levels") from error
        except ValueError as error:  # besides tomllib's own: a number with thousands of digits
            place = TOML_PLACE.search(str(error))
            raise BadInput(
                f"not TOML: {TOML_PLACE.sub('', str(error)).strip()}",
                file=self.shown,
                line=int(place[1]) if place else self.text.rstrip().count("\n") + 1,
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
            if error.key:
                table, key = ".".join(part for part in (table, key) if part), error.key
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
            raise self.wrong(f"expected a table, got {shown(found)}", table=table, hint=f"[{table}]")
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
