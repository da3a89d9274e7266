"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import processes, stages, steps

MODULES: tuple[ModuleType, ...] = (
    processes,
    stages,
    steps,
)
