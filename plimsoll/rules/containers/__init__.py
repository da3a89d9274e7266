"""Images and compose files, and the containers made of them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.containers import (
    exposure,
    health,
    images,
    literals,
    live,
    recipes,
    running,
    start,
    tools,
    volumes,
)

MODULES: tuple[ModuleType, ...] = (health, exposure, running, volumes, images, recipes, tools, literals, start, live)
