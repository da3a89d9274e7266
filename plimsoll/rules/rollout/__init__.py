"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import canaries, processes, releases, servers, stages, steps, unfinished

MODULES: tuple[ModuleType, ...] = (
    canaries,
    processes,
    releases,
    servers,
    stages,
    steps,
    unfinished,
)
