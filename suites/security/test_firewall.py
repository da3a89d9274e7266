"""Who reaches which ports of the host, and what becomes of those who should not."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("firewall",)


def test_firewall(promise: Promise, judge: Judge) -> None:
    """Every port is open to those who need it and to nobody else, in both families, whatever the rules say."""
    judge(promise)
