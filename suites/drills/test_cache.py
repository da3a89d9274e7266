"""What drills show of what is kept in memory."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("cache",)


def test_cache(promise: Promise, judge: Judge) -> None:
    """What is kept in memory survives what was promised."""
    judge(promise)
