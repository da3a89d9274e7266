"""SQL and the settings of servers are taken apart with their lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts import settings, sql
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.rules.database.units import CLUSTER, ENGINE, REDIS, in_bytes, postgres_bytes

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def of(text: str, kind: Kind) -> SourceFile:
    """A file of that kind."""
    return SourceFile(name="file", kind=kind, text=text)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' ; SELECT 'it''s;'", ["SELECT ';'", "SELECT 'it''s;'"]),
        ("-- a; b\nSELECT 1 /* ; */;", ["SELECT 1"]),
        ("DO $$ BEGIN; END $$; SELECT $a$;$a$", ["DO $$ BEGIN; END $$", "SELECT $a$;$a$"]),
        ("\\c shop\nSELECT 1;", ["\\c shop", "SELECT 1"]),
        ('SELECT ";" FROM "a;b"', ['SELECT ";" FROM "a;b"']),
        (";;  ;\n", []),
        ("SELECT 'open", ["SELECT 'open"]),
        ("SELECT E'\\';' ; SELECT 2", ["SELECT E'\\';'", "SELECT 2"]),
    ],
)
def test_statements_end_where_postgresql_ends_them(text: str, statements: list[str]) -> None:
    """Not inside strings, names, dollar quotes or comments."""
    assert [statement.text for statement in sql.read(of(text, Kind.SQL))] == statements


def test_a_statement_knows_its_lines_and_hides_its_strings() -> None:
    """Words in strings are no words of the statement."""
    [first, second] = sql.read(of("-- why\n\nSELECT 'drop table'\nFROM a;\nSELECT 2", Kind.SQL))

    assert (first.spot.line, second.spot.line, first.spot_at(first.text.index("FROM")).line) == (3, 5, 4)
    assert "drop" not in first.bare
    assert len(first.bare) == len(first.text)


def test_postgresql_settings_are_read_as_it_reads_them() -> None:
    """Quotes, comments, spaces for an equals sign; what it cannot read is named."""
    text = "a = 'it''s # b' # why\nWork_Mem '64MB'\nport=5433\n-- no\nbad line here\n"

    seen = settings.postgres((of(text, Kind.POSTGRES),), NOW)

    assert [(s.name, s.value, s.line) for s in seen.settings] == [
        ("a", "it's # b", 1),
        ("work_mem", "64MB", 2),
        ("port", "5433", 3),
    ]
    assert [oddity.spot.line for oddity in seen.oddities] == [4, 5]


def test_doors_have_an_address_unless_they_are_local() -> None:
    """A mask may stand apart from its address."""
    text = "local all all peer\nhost shop app 10.0.0.0 255.0.0.0 md5 # old\nhostssl all all ::/0 reject\nhost all\n"

    doors = settings.postgres((of(text, Kind.POSTGRES_HBA),), NOW).doors

    assert [(door.type, door.address, door.method) for door in doors] == [
        ("local", "", "peer"),
        ("host", "10.0.0.0", "md5"),
        ("hostssl", "::/0", "reject"),
    ]


@pytest.mark.parametrize(
    ("text", "bytes_"), [("128MB", 128 << 20), ("16384", 16384 * 8192), ("1GB", 1 << 30), ("1gb", None), ("", None)]
)
def test_postgresql_amounts(text: str, bytes_: int | None) -> None:
    assert postgres_bytes(text, "8kB") == bytes_


def test_amounts_of_others() -> None:
    """Redis tells k from kb, compose does not, Kubernetes minds the case."""
    assert (in_bytes("1k", REDIS), in_bytes("1KB", REDIS)) == (1000, 1024)
    assert (in_bytes("1g", ENGINE), in_bytes("512MB", ENGINE)) == (1 << 30, 512 << 20)
    assert (in_bytes("2Gi", CLUSTER), in_bytes("2gi", CLUSTER)) == (2 << 30, None)
