"""Whether a value read from a file has the shape that an annotation asks for."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, Union, get_args, get_origin

NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
    dict: "a table",
}


class WrongShape(ValueError):
    """A value of another shape. The text says what was expected and what came."""


def coerce(value: object, annotation: object) -> object:
    """The value in the annotated shape (lists become tuples); raises WrongShape."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return coerce(value, next(choice for choice in inner if choice is not type(None)))
    if origin is Literal:
        if value not in inner:
            raise WrongShape(f"expected one of {', '.join(map(repr, inner))}, got {value!r}{nearest(value, inner)}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise WrongShape(f"expected {describe(annotation)}, got {value!r}")
        return tuple(coerce(each, inner[0]) for each in value)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise WrongShape(f"expected {describe(annotation)}, got {value!r}")
        return {key: coerce(each, inner[1]) for key, each in value.items()}
    if annotation is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) is not (annotation is bool) or not isinstance(value, annotation):  # type: ignore[arg-type] # plain classes only are left here
        raise WrongShape(f"expected {describe(annotation)}, got {value!r}")
    return value


def describe(annotation: object) -> str:
    """The annotation in words a person uses."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return f"a list, each {describe(inner[0])}"
    if origin is Mapping:
        return f"a table, each value {describe(inner[1])}"
    return NAMES.get(annotation, str(annotation))  # type: ignore[call-overload, no-any-return] # annotations are hashable


def nearest(given: object, known: Iterable[object]) -> str:
    """A question naming the known word nearest to the given one, or nothing."""
    close = difflib.get_close_matches(str(given), [str(word) for word in known], n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
