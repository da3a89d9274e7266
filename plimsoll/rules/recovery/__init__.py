"""What drills bring back, judged."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.recovery import (
    contents,
    elsewhere,
    failovers,
    interruptions,
    keys,
    losses,
    migrations,
    moments,
    refusals,
    rehearsals,
    runbooks,
    scratch,
    snapshots,
    times,
)

MODULES: tuple[ModuleType, ...] = (
    contents,
    failovers,
    elsewhere,
    interruptions,
    keys,
    losses,
    migrations,
    moments,
    refusals,
    snapshots,
    rehearsals,
    runbooks,
    scratch,
    times,
)
