"""YAML, JSON and TOML become trees with lines; what is odd in them is said."""

from __future__ import annotations

import pytest

from plimsoll.artefacts import trees
from plimsoll.observations.artefacts import Kind, SourceFile

DEEP = 50_000
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def source(text: str, name: str = "a.yml") -> SourceFile:
    """A file of that name and text."""
    return SourceFile(name=name, kind=Kind.OTHER, text=text)


@pytest.mark.parametrize(
    ("text", "name", "line", "what", "broken"),
    [
        ("a: [1\nb: 2\n", "a.yml", 1, "is not YAML", True),
        ("a: 1\n\tb: 2\n", "a.yml", 2, "is not YAML", True),
        ("a: 1\n b: 2\n", "a.yml", 2, "is not YAML", True),
        ('{"a": 1,\n}', "a.json", 2, "is not JSON", True),
        ("", "a.json", 1, "is not JSON", True),
        ('// a\n{"a": 1}', "a.json", 1, "is JSON with comments", False),
        ("a = 1\nb =\n", "a.toml", 2, "is not TOML", True),
        (BOMB, "a.yml", 1, "means more than 200,000 values", False),
        ("a: &a [*a]\n", "a.yml", 1, "is nested more than 100 deep", False),
        ("a: &a\n  <<: *a\n", "a.yml", 1, "is nested more than 100 deep", False),
        ("[" * DEEP, "a.yml", 1, "is nested more than 100 deep", False),
        ("- " * DEEP + "a", "a.yml", 1, "is nested more than 100 deep", False),
        ("{a: " * DEEP, "a.yml", 1, "is nested more than 100 deep", False),
        ("[" * DEEP, "a.json", 1, "is nested too deep", False),
        ("a: 1\n" * 1_000_000, "a.yml", 1, "is longer than 2 MiB", False),
    ],
    ids=lambda value: str(value)[:12].strip() if isinstance(value, str) else str(value),
)
def test_what_is_odd_is_said(text: str, name: str, line: int, what: str, broken: bool) -> None:
    """Neither a slip nor a bomb makes the reader raise, or take longer than a look."""
    reading = trees.read(source(text, name))

    assert (reading.troubles[0].spot.line, reading.broken) == (line, broken)
    assert what in reading.troubles[0].what


def test_a_key_that_stands_twice_is_odd_and_understood() -> None:
    """The last one counts, as for most readers; that it stands twice is said once, however often an alias shows it."""
    reading = trees.read(source("a: &a\n  x: 1\n  x: 2\nb: *a\n"))

    assert reading.documents[0].root.at("b.x").value == 2
    assert ([str(each.spot) for each in reading.repeated], reading.troubles) == (["a.yml:3"], [])


def test_toml_has_lines() -> None:
    """Tables, lists of tables, and values over several lines."""
    text = '[deploy]\npath = "/h"\nlist = [\n  1,\n  2,\n]\n\n[[env]]\nname = "a"\n\n[[env]]\nname = "b"\n'

    root = trees.read(source(text, "railway.toml")).documents[0].root

    assert (root["deploy"]["path"].text, root["deploy"]["path"].spot.line) == ("/h", 2)
    assert [each["name"].spot.line for each in root["env"]] == [9, 12]
    assert root["deploy"]["list"].texts == ("1", "2")


def test_what_comes_before_a_mistake_is_kept() -> None:
    """The first document says what it says, whatever the second is."""
    reading = trees.read(source("a: 1\n---\nb: [\n"))

    assert ([d.root["a"].value for d in reading.documents], reading.broken) == ([1], True)
