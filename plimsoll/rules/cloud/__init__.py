"""What platforms and infrastructure are told."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.cloud import access, databases, ecs, platforms, secrets, state

MODULES: tuple[ModuleType, ...] = (
    access,
    databases,
    ecs,
    platforms,
    secrets,
    state,
)
