"""What a deployment holds at one moment, so that two moments can be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its rows, and a checksum of their content that no order changes."""

    name: str
    rows: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """All that can be counted: of the database, of Redis, of uploads and other files.

    `things` maps a kind (sequence, constraint, index, extension, role, grant, owner, view, function, trigger, large
    object, setting …) to its names with what is said of each; `lagging` are sequences that are behind their column.
    `keys` maps Redis keys to type, the moment they end at, if they do, and a checksum; `files` relative paths to
    checksums. A sequence's value is a kind of its own (sequence value): PostgreSQL logs 32 values ahead, so that one
    that was brought back by replaying its log is further than it was.
    """

    tables: tuple[Table, ...] = ()
    things: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lagging: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """How much was counted."""
        return len(self.tables) + sum(map(len, self.things.values())) + len(self.keys) + len(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not what it was: `table trips`, what it was, what it is ("" for not there)."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before or 'not there'} before, {self.after or 'not there'} after"


def differences(before: Census, after: Census, *, but: Collection[str] = ()) -> tuple[Difference, ...]:
    """All that is not what it was, save kinds (role, owner, grant …) and tables named in `but`."""
    return tuple(
        Difference(what=what, before=one, after=other)
        for kind, was, now in _pairs(before, after)
        if kind not in but
        for name in sorted({*was, *now})
        if (what := f"{kind} {name}") not in but and (one := was.get(name, "")) != (other := now.get(name, ""))
    )


def _pairs(before: Census, after: Census) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    yield "table", _tables(before), _tables(after)
    for kind in sorted({*before.things, *after.things}):
        yield kind, before.things.get(kind, {}), after.things.get(kind, {})
    yield "key", before.keys, after.keys
    yield "file", before.files, after.files


def _tables(census: Census) -> dict[str, str]:
    return {table.name: f"{table.rows} rows, {table.checksum[:12]}" for table in census.tables}
