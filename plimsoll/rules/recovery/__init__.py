"""What drills bring back, judged."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.recovery import (
    contents,
    elsewhere,
    losses,
    refusals,
    snapshots,
    times,
)

MODULES: tuple[ModuleType, ...] = (
    contents,
    elsewhere,
    losses,
    refusals,
    snapshots,
    times,
)
