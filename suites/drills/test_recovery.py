"""What drills show of how it comes back."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("recovery",)


def test_recovery(promise: Promise, judge: Judge) -> None:
    """What was lost comes back, as whole and as soon as was promised."""
    judge(promise)
