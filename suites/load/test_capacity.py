"""How much the deployment carries, found by asking for more and more of it."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("capacity",)


def test_capacity(promise: Promise, judge: Judge) -> None:
    """Beyond the load that is stated there is room, and replicas for it."""
    judge(promise)
