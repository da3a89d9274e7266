"""What drills show of how its releases arrive."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("rollout",)


def test_rollout(promise: Promise, judge: Judge) -> None:
    """A release arrives without anybody noticing, and goes the same way."""
    judge(promise)
