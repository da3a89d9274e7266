"""What the edge negotiates, and who it says that it is."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("tls",)


def test_tls(promise: Promise, judge: Judge) -> None:
    """Encryption is exactly as strong as promised, under every name that is ours."""
    judge(promise)
