"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import (
    environment,
    firewall,
    hosts,
    metrics,
    monitoring,
    names,
    ports,
    releases,
    settings,
    sizes,
)

MODULES: tuple[ModuleType, ...] = (
    environment,
    firewall,
    hosts,
    metrics,
    monitoring,
    names,
    ports,
    releases,
    settings,
    sizes,
)
