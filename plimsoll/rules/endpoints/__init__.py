"""What is asked by the programs that watch the deployment."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.endpoints import (
    answering,
    health,
    metrics,
    paths,
)

MODULES: tuple[ModuleType, ...] = (answering, health, metrics, paths)
