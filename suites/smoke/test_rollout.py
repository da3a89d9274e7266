"""Whether the release that was rolled out is the one that runs, where an orchestrator can be asked."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("rollout",)


def test_rollout(promise: Promise, judge: Judge) -> None:
    """The newest release runs everywhere, and there is one to go back to."""
    judge(promise)
