"""Records as JSON and back again, by their annotations: what is written of drills and of load has no other form."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from plimsoll.document import Place

Record = TypeVar("Record")


def packed(value: object) -> object:
    """The value as JSON has it: records are objects, moments are texts in UTC."""
    if is_dataclass(value):
        return {each.name: packed(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: packed(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [packed(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def unpacked(place: Place, kind: type[Record]) -> Record:
    """The record at that place of a document; members it has a default for may be absent. Raises BadInput."""
    return cast(Record, _read(place, kind))


def washed_record(value: Record, wash: Callable[[str], str]) -> Record:
    """The same record with every text in it washed, and every moment in UTC."""
    return cast(Record, _washed(value, wash))


def _washed(value: object, wash: Callable[[str], str]) -> object:
    if type(value) is int:  # the quick way first: runs of load have millions of them
        return value
    if isinstance(value, str):
        return value if isinstance(value, StrEnum) else wash(value)
    if isinstance(value, Mapping):
        return {_washed(name, wash): _washed(each, wash) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_washed(each, wash) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{each.name: _washed(getattr(value, each.name), wash) for each in fields(value)})
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _read(place: Place, annotation: Any) -> object:  # noqa: ANN401 - annotations are of any type
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return None if place.value is None else _read(place, next(each for each in inner if each is not types.NoneType))
    if origin is tuple:
        return _several(place, inner)
    if origin in (Mapping, dict):
        return _members(place, *inner)
    if is_dataclass(annotation):
        hints, members = _hints(cast(type, annotation)), place.a(dict, "an object")
        known = [each for each in fields(annotation) if each.name in members or _needed(each)]
        return cast(type, annotation)(**{each.name: _read(place.item(each.name), hints[each.name]) for each in known})
    return _word(place, annotation) if annotation not in READERS else READERS[annotation](place)


def _members(place: Place, name: type, kind: Any) -> dict[object, object]:  # noqa: ANN401 - likewise
    members: dict[str, object] = place.a(dict, "an object")
    if kind is int and all(type(value) is int for value in members.values()):  # a run of load has millions
        return {_name(place, each, name): value for each, value in members.items()}
    return {_name(place, each, name): _read(place.item(each), kind) for each in members}


def _word(place: Place, kind: type[StrEnum]) -> StrEnum:
    """One of several words."""
    if place.value not in tuple(kind):
        raise place.wrong("one of " + ", ".join(kind))
    return kind(place.text())


@cache
def _hints(record: type) -> Mapping[str, Any]:
    return get_type_hints(record)


def _name(place: Place, name: str, kind: type) -> object:
    """The name of a member, which is a text in JSON whatever it is for us."""
    if kind is int:
        try:
            return int(name)
        except ValueError:
            raise place.item(name).wrong("a member named by a whole number") from None
    return name


def _several(place: Place, inner: tuple[Any, ...]) -> tuple[object, ...]:
    places = place.items()
    if inner[-1] is Ellipsis:
        return tuple(_read(each, inner[0]) for each in places)
    if len(places) != len(inner):
        raise place.wrong(f"{len(inner)} values")
    return tuple(_read(each, shape) for each, shape in zip(places, inner, strict=True))


def _needed(field: Any) -> bool:  # noqa: ANN401 - dataclasses.Field of whatever
    return field.default is MISSING and field.default_factory is MISSING


def _integer(place: Place) -> int:
    if type(place.value) is not int:
        raise place.wrong("a whole number")
    return place.value


READERS: Mapping[object, Callable[[Place], object]] = {
    str: Place.text,
    bool: Place.flag,
    int: _integer,
    float: Place.number,
    datetime: Place.moment,
}
