"""What drills show of the database."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("database",)


def test_database(promise: Promise, judge: Judge) -> None:
    """The database keeps what it was given, whatever happens to its machine."""
    judge(promise)
