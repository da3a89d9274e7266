"""What drills bring back, judged."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.recovery import (
    contents,
    interruptions,
    keys,
    losses,
    moments,
    refusals,
    rehearsals,
    times,
)

MODULES: tuple[ModuleType, ...] = (
    contents,
    interruptions,
    keys,
    losses,
    moments,
    refusals,
    rehearsals,
    times,
)
