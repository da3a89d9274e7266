"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.rollout import migrations, processes, releases, stages, steps

MODULES: tuple[ModuleType, ...] = (
    migrations,
    processes,
    releases,
    stages,
    steps,
)
