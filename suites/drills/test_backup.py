"""What drills show of how it is backed up."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("backup",)


def test_backup(promise: Promise, judge: Judge) -> None:
    """Backups are made, kept and refused as was promised."""
    judge(promise)
