"""Who is let in, and with what."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("auth",)


def test_authentication(promise: Promise, judge: Judge) -> None:
    """Credentials are asked for, hold as long as promised, and cannot be forged."""
    judge(promise)
