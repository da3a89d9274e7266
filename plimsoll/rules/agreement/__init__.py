"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import (
    cluster,
    commands,
    firewall,
    names,
    platforms,
    ports,
    references,
    scaling,
)

MODULES: tuple[ModuleType, ...] = (
    cluster,
    commands,
    firewall,
    names,
    platforms,
    ports,
    references,
    scaling,
)
