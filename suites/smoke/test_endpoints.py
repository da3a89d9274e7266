"""What the application answers to the programs that watch it."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("endpoints",)


def test_endpoints(promise: Promise, judge: Judge) -> None:
    """Every endpoint that something else depends on answers as promised."""
    judge(promise)
