"""What responses say to browsers and caches, errors included."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("headers",)


def test_response_headers(promise: Promise, judge: Judge) -> None:
    """Every response carries the headers its guide promises, once, whatever its status."""
    judge(promise)
