"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import (
    firewall,
    names,
    ports,
    recovery,
    upkeep,
)

MODULES: tuple[ModuleType, ...] = (
    firewall,
    names,
    ports,
    recovery,
    upkeep,
)
