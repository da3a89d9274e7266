"""Whether a value read from a file has the shape that an annotation asks for."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, Union, get_args, get_origin
from urllib.parse import SplitResult, urlsplit

NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
}

LARGEST_WHOLE = 2**53
"""From here on a float no longer holds every whole number (IEEE 754)."""

LONGEST_SHOWN = 80
"""Characters of a wrong value that a complaint shows: they fit a line."""


class WrongShape(ValueError):
    """A value of another shape. The text says what was expected and what came, `key` under which key of a table."""

    key = ""


def coerce(value: object, annotation: object) -> object:
    """The value in the annotated shape (lists become tuples); raises WrongShape."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return coerce(value, next(choice for choice in inner if choice is not type(None)))
    if origin is Literal:
        if value not in inner:
            raise WrongShape(
                f"expected one of {', '.join(map(repr, inner))}, got {shown(value)}{nearest(value, inner)}"
            )
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise WrongShape(f"expected {describe(annotation)}, got {shown(value)}")
        return tuple(coerce(each, inner[0]) for each in value)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise WrongShape(f"expected {describe(annotation)}, got {shown(value)}")
        return {key: _inside(key, each, inner[1]) for key, each in value.items()}
    if annotation is float and type(value) is int and abs(value) < LARGEST_WHOLE:
        return float(value)
    if (
        annotation is not object and type(value) is not annotation
    ):  # exactly: true is no whole number, and a moment is no date
        raise WrongShape(f"expected {describe(annotation)}, got {shown(value)}")
    return value


def _inside(key: str, value: object, annotation: object) -> object:
    """The value of one key in the annotated shape; a WrongShape says which key it was."""
    try:
        return coerce(value, annotation)
    except WrongShape as error:
        error.key = key
        raise


def shown(value: object) -> str:
    """The value as a complaint shows it: its beginning, if it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def describe(annotation: object) -> str:
    """The annotation in words a person uses."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return describe(inner[0])
    if origin is tuple:
        return f"a list, each {describe(inner[0])}"
    if origin is Mapping:
        return "a table" if inner[1] is object else f"a table, each value {describe(inner[1])}"
    return next((name for kind, name in NAMES.items() if kind is annotation), str(annotation))


def nearest(given: object, known: Iterable[object]) -> str:
    """A question naming the known word nearest to the given one, or nothing."""
    close = difflib.get_close_matches(str(given), [str(word) for word in known], n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def web_address(text: str) -> SplitResult:
    """The parts of a URL with http or https and a host; raises WrongShape, without what may be a password."""
    wrong = WrongShape(f"not a URL: {text.rpartition('@')[2]!r}")
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise wrong from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise wrong
    if url.username or url.password:
        raise WrongShape("a URL with a password in it: secrets belong into the environment")
    return url
