"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.agreement import (
    firewall,
    hosts,
    metrics,
    monitoring,
    names,
    ports,
    releases,
)

MODULES: tuple[ModuleType, ...] = (
    firewall,
    hosts,
    metrics,
    monitoring,
    names,
    ports,
    releases,
)
