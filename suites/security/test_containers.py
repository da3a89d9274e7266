"""How the containers run, beside what their files say of it."""

from __future__ import annotations

from plimsoll.model import Promise
from plimsoll.plugin import Judge

AREAS = ("containers",)


def test_containers(promise: Promise, judge: Judge) -> None:
    """Containers run as whom, with what, beside whom and as many as was promised."""
    judge(promise)
