"""What the deployment's clients get while they all ask: its objectives of service."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("slo",)


def test_objectives(promise: Promise, judge: Judge) -> None:
    """Under the load that is stated, requests are answered well and in time, and there is room left."""
    judge(promise)
