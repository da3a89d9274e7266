"""Images and compose files, and the containers made of them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.containers import (
    health,
)

MODULES: tuple[ModuleType, ...] = (health,)
