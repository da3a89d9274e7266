"""Where secrets come from and what the environment allows, as running servers show it."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("secrets-env",)


def test_environment(promise: Promise, judge: Judge) -> None:
    """What the environment says is what the servers do, and no input gets past what it may be."""
    judge(promise)
