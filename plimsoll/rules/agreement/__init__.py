"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import (
    cluster,
    commands,
    environment,
    firewall,
    health,
    hosts,
    images,
    machines,
    metrics,
    monitoring,
    names,
    platforms,
    ports,
    processes,
    recovery,
    references,
    releases,
    retention,
    scaling,
    settings,
    sizes,
    supervised,
    upkeep,
)

MODULES: tuple[ModuleType, ...] = (
    cluster,
    commands,
    environment,
    firewall,
    health,
    hosts,
    images,
    machines,
    metrics,
    monitoring,
    names,
    platforms,
    ports,
    processes,
    recovery,
    references,
    releases,
    retention,
    scaling,
    settings,
    sizes,
    supervised,
    upkeep,
)
