"""What a deployment survives, and what it says of itself meanwhile."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.resilience import healing, health, losses, shortages

MODULES: tuple[ModuleType, ...] = (
    healing,
    health,
    losses,
    shortages,
)
