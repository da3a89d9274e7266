"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import awaited, canaries, processes, releases, stages, steps, unfinished

MODULES: tuple[ModuleType, ...] = (
    awaited,
    canaries,
    processes,
    releases,
    stages,
    steps,
    unfinished,
)
