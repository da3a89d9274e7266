"""How the edge treats requests on their way to the application."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("edge",)


def test_edge(promise: Promise, judge: Judge) -> None:
    """What should reach the application does, unchanged; what should not is refused."""
    judge(promise)
