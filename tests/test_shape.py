"""A value read from a file has the annotated shape, or a complaint says what was expected and what came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.shape import WrongShape, coerce, describe, nearest, shown


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        ("a", str, "a"),
        (3, int, 3),
        (3, float, 3.0),
        (0.5, float, 0.5),
        (False, bool, False),
        (date(2026, 3, 1), date, date(2026, 3, 1)),
        (["a", "b"], tuple[str, ...], ("a", "b")),
        ([], tuple[str, ...], ()),
        ({"a": ["b"]}, Mapping[str, tuple[str, ...]], {"a": ("b",)}),
        ({"a": 1}, Mapping[str, object], {"a": 1}),
        ([{"a": 1}], tuple[Mapping[str, object], ...], ({"a": 1},)),
        ("a", str | None, "a"),
        ("a", Optional[str], "a"),  # noqa: UP045 - the old spelling is understood too
        ("b", Literal["a", "b"], "b"),
    ],
)
def test_right_shapes(value: object, annotation: object, expected: object) -> None:
    """Lists become tuples, whole numbers become numbers; everything else stays what it is."""
    found = coerce(value, annotation)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "annotation", "complaint"),
    [
        (3, str, "expected a text, got 3"),
        ("3", int, "expected a whole number, got '3'"),
        (3.0, int, "expected a whole number, got 3.0"),
        (True, int, "expected a whole number, got True"),
        (True, float, "expected a number, got True"),
        (2**60, float, "expected a number, got 1152921504606846976"),
        (1, bool, "expected true or false, got 1"),
        ("2026-03-01", date, "expected a date, got '2026-03-01'"),
        (datetime(2026, 3, 1, tzinfo=UTC), date, "expected a date, got datetime.datetime(2026"),
        ("a", tuple[str, ...], "expected a list, each a text, got 'a'"),
        (["a", 1], tuple[str, ...], "expected a text, got 1"),
        ([], Mapping[str, int], "expected a table, each value a whole number, got []"),
        ({"a": "b"}, Mapping[str, int], "expected a whole number, got 'b'"),
        ([], Mapping[str, object], "expected a table, got []"),
        (3, str | None, "expected a text, got 3"),
        ("stric", Literal["strict", "lax"], "expected one of 'strict', 'lax', got 'stric'; did you mean 'strict'?"),
    ],
)
def test_wrong_shapes(value: object, annotation: object, complaint: str) -> None:
    """The complaint is in words that a person uses."""
    with pytest.raises(WrongShape) as caught:
        coerce(value, annotation)

    assert str(caught.value).startswith(complaint)


def test_a_complaint_says_which_key_it_was() -> None:
    """Within a table the mistake has a key."""
    with pytest.raises(WrongShape) as caught:
        coerce({"a": 1, "b": "x"}, Mapping[str, int])

    assert caught.value.key == "b"


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    annotation=st.sampled_from(
        (
            str,
            int,
            float,
            bool,
            date,
            tuple[str, ...],
            Mapping[str, int],
            Mapping[str, object],
            str | None,
            Literal["a"],
        )
    ),
)
def test_any_value_is_taken_or_refused(value: object, annotation: object) -> None:
    """Nothing but WrongShape is ever raised, and its text fits a line or two."""
    try:
        coerce(value, annotation)
    except WrongShape as error:
        complaint = str(error)
    else:
        complaint = ""

    assert len(complaint) < 200


def test_words_for_people() -> None:
    """Annotations read as a person would say them; long values are cut; only a near word is suggested."""
    assert describe(Mapping[str, tuple[str, ...]]) == "a table, each value a list, each a text"
    assert shown("x" * 200) == "'" + "x" * 79 + "…"
    assert nearest("hots", ["hosts", "name"]) == "; did you mean 'hosts'?"
    assert nearest("zzz", ["hosts", "name"]) == ""
