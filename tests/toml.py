"""TOML written from values, for tests that make documents up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime


def dumps(document: Mapping[str, object]) -> str:
    """The document, one key a line; tables are written inline."""
    return "".join(f"{_text(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL and characters in two halves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
