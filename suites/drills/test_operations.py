"""What drills show of how it is operated."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("operations",)


def test_operations(promise: Promise, judge: Judge) -> None:
    """What was to be rehearsed was, as often as was promised."""
    judge(promise)
