"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import (
    across,
    canaries,
    maintenance,
    migrations,
    processes,
    releases,
    stages,
    steps,
    unfinished,
)

MODULES: tuple[ModuleType, ...] = (
    across,
    canaries,
    maintenance,
    migrations,
    processes,
    releases,
    stages,
    steps,
    unfinished,
)
