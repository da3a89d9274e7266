"""What drills bring back, judged."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.recovery import (
    contents,
    failovers,
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
    failovers,
    interruptions,
    keys,
    losses,
    moments,
    refusals,
    rehearsals,
    times,
)
