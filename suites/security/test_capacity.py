"""What the machines are that it runs on, and how many servers there are."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("capacity", "slo")


def test_machines(promise: Promise, judge: Judge) -> None:
    """Machines and servers are as many and as large as was promised, and have room left."""
    judge(promise)
