"""What drills bring back, judged."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.recovery import (
    contents,
    losses,
    refusals,
    times,
)

MODULES: tuple[ModuleType, ...] = (
    contents,
    losses,
    refusals,
    times,
)
