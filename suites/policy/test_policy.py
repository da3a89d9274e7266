"""What the deployment's files say, before anything is started, and whether they agree; every area has a part in it."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge


def test_policy(promise: Promise, judge: Judge) -> None:
    """The files say what is promised, and no two of them contradict each other."""
    judge(promise)
