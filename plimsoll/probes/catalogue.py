"""The questions to PostgreSQL's catalogue that a census is made of, as catalogue.sql has them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib.resources import files

COMMON = "with"
"""The heading of what every statement begins with."""

TABLES = "SELECT name FROM class WHERE relkind IN ('r', 'm') ORDER BY 1"
"""The tables that hold rows of their own; a partitioned one has none, its partitions do."""

FED = """
    SELECT name, refobjid::regclass::text, quote_ident(attname), pg_sequence_last_value(class.oid), seqincrement
    FROM class JOIN pg_sequence ON seqrelid = class.oid
        JOIN pg_depend ON objid = class.oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
            AND refclassid = 'pg_class'::regclass AND refobjsubid > 0
        JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid"""
"""Sequences that belong to a column: the sequence, the table, the column, the last value given, the step."""

_HEADING = re.compile(r"^--- (.+)\n", re.MULTILINE)


@functools.cache
def _sections() -> Mapping[str, str]:
    _, *parts = _HEADING.split(files("plimsoll.probes").joinpath("catalogue.sql").read_text(encoding="utf-8"))
    return {heading: text.strip() for heading, text in zip(parts[::2], parts[1::2], strict=True)}


def asked(statement: str) -> str:
    """The statement, which may speak of `class`, `function`, `schema` and `base`: the database's own."""
    return f"{_sections()[COMMON]} {statement}"


def things() -> Mapping[str, str]:
    """By kind, the statement that gives the names of its things and what is said of each."""
    return {kind: asked(text) for kind, text in _sections().items() if kind != COMMON}
