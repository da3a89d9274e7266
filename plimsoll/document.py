"""One JSON document read with suspicion: every complaint names the file, the member and what was expected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from plimsoll.errors import BadInput

Value = TypeVar("Value")

SHOWN = 40
"""Characters of a wrong value that a complaint shows: enough to recognise it by."""


def opened(path: Path, *, hint: str) -> Place:
    """The whole document of a file. Raises BadInput, with this hint, for whatever is not JSON."""
    file = str(path)
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=file, hint=hint) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"is not UTF-8: byte {error.start}", file=file, hint=hint) from error
    except json.JSONDecodeError as error:
        raise BadInput(f"is not JSON: {error.msg}", file=file, line=error.lineno, hint=hint) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("is no report: nested too deep, or a number too long", file=file, hint=hint) from error
    return Place(file=file, key="", value=document, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One value of the document and where it stands."""

    file: str
    key: str
    value: object
    hint: str

    def wrong(self, expected: str) -> BadInput:
        """The complaint that something else was expected here."""
        seen = json.dumps(self.value)
        seen = seen if len(seen) <= SHOWN else seen[:SHOWN] + "..."
        return BadInput(f"expected {expected}, found {seen}", file=self.file, key=self.key, hint=self.hint)

    def a(self, kind: type[Value], expected: str) -> Value:
        """The value, which must be of that type."""
        if not isinstance(self.value, kind):
            raise self.wrong(expected)
        return self.value

    def item(self, name: str, **default: object) -> Place:
        """One member; it must be there unless there is a default for it."""
        members: dict[str, object] = self.a(dict, "an object")
        key = f"{self.key}.{name}" if self.key else name
        if name not in members and "default" not in default:
            raise BadInput("expected a member of this name, found none", file=self.file, key=key, hint=self.hint)
        return Place(file=self.file, key=key, value=members.get(name, default.get("default")), hint=self.hint)

    def items(self) -> tuple[Place, ...]:
        """Every value of an array."""
        values: list[object] = self.a(list, "an array")
        return tuple(
            Place(file=self.file, key=f"{self.key}[{i}]", value=value, hint=self.hint) for i, value in enumerate(values)
        )

    def text(self) -> str:
        """The value as a text."""
        return self.a(str, "a text")

    def texts(self) -> dict[str, str]:
        """The texts of an object by name."""
        members: dict[str, object] = self.a(dict, "an object of texts")
        return {name: self.item(name).text() for name in members}

    def flag(self) -> bool:
        """The value as true or false."""
        return self.a(bool, "true or false")

    def number(self) -> float:
        """The value as a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        return float(self.value)

    def whole(self) -> int:
        """The value as a whole number from 0 on."""
        if type(self.value) is not int or self.value < 0:
            raise self.wrong("a whole number from 0 on")
        return self.value

    def moment(self) -> datetime:
        """The value as a moment."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong("an ISO 8601 moment in UTC") from error
        if moment.tzinfo is None:
            raise self.wrong("an ISO 8601 moment in UTC")
        return moment

    def day(self) -> date:
        """The value as a day."""
        try:
            return date.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong("an ISO 8601 day") from error
