"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import recovery, upkeep

MODULES: tuple[ModuleType, ...] = (
    recovery,
    upkeep,
)
