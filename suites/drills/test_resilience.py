"""What drills show of how it bears faults."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("resilience",)


def test_resilience(promise: Promise, judge: Judge) -> None:
    """A fault costs nothing that was confirmed, is told for what it is, and goes without an operator."""
    judge(promise)
