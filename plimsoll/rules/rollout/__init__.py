"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import (
    across,
    awaited,
    canaries,
    maintenance,
    migrations,
    plans,
    processes,
    promotion,
    releases,
    running,
    servers,
    stages,
    steps,
    unfinished,
)

MODULES: tuple[ModuleType, ...] = (
    across,
    awaited,
    canaries,
    maintenance,
    migrations,
    plans,
    processes,
    promotion,
    releases,
    running,
    servers,
    stages,
    steps,
    unfinished,
)
