"""A complaint about a TOML file names the line on which the mistake stands."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.places import line_of
from tests.toml import dumps

FILE = '''\
# name = "not this one"
name = "x"
hosts = [
  ["a]", 'b'], # ]
]
"quoted key" = 1
limits = { burst = 1, rate.inner = 2 }
paths.page = "/"
text = """
name = 3
[services.edge]
"quoted" \\""" ]
"""""
more = \'\'\'
[paths]
\'\'\'

[services.edge]
recipe = "nginx"
files = { "a" = "b" }
[services.edge.settings]
user = "u"
[ "services" . app ]
recipe = "app"

[[promise]]
id = "A"
[promise.allowed]
default-src = ["x"]
[[promise]]
name = "B"

[promise.allowed]
default-src = ["y"]
[[promise.inner]]
[[promise.inner]]
z = 1
'''


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("", "name", 2),
        ("", "hosts", 3),
        ("", "quoted key", 6),
        ("limits", "burst", 7),
        ("limits.rate", "inner", 7),
        ("paths", "page", 8),
        ("", "text", 9),
        ("", "more", 14),
        ("services", "edge", 18),
        ("services.edge", "recipe", 19),
        ("services.edge.files", "a", 20),
        ("services.edge", "settings", 21),
        ("services.app", "recipe", 24),
        ("", "promise", 26),
        ("promise[0]", "id", 27),
        ("promise[0]", "allowed", 28),
        ("promise[0].allowed", "default-src", 29),
        ("promise[1]", "name", 31),
        ("promise[1].allowed", "default-src", 34),
        ("promise[1].inner[1]", "z", 37),
        # What is not there is missing where it belongs.
        ("promise[1]", "id", 30),
        ("services.app", "config", 23),
        ("limits", "quota", 7),
        ("", "user", 1),
        ("live", "url", 1),
        ("", "", 1),
        ("promise[7]", "id", 26),
        ("x[1", "y]", 1),
    ],
)
def test_line_of(table: str, key: str, line: int) -> None:
    """The line of a key is that of its own statement: not of a comment, a text or another table's key of that name."""
    assert line_of(FILE, table, key) == line


def test_lists_of_tables_may_be_written_inline() -> None:
    """A list of inline tables counts like one of [[tables]]."""
    text = 'x = 1\npromise = [\n  { id = "A" },\n  { id = "B" },\n]\n'

    assert line_of(text, "promise[1]", "id") == 2
    assert line_of(text, "promise[1]", "rule") == 2
    assert line_of(text, "promise[2]", "id") == 2


@given(
    document=st.dictionaries(
        st.text(max_size=8), st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3), max_size=8
    ),
    blank=st.sampled_from(("", "\n", "# a = 1 [\n", " \t\n")),
)
@settings(deadline=None)
def test_every_key_is_found(document: Mapping[str, object], blank: str) -> None:
    """Any key, however spelt, is found on its line between comments and blanks."""
    text = "".join(blank + dumps({key: value}) for key, value in document.items())
    step = 2 if blank else 1

    for number, key in enumerate(document, 1):
        if key:
            assert line_of(text, "", key) == number * step
