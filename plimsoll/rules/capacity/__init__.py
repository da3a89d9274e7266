"""How much a deployment carries, on how many replicas, and on which machines."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.capacity import autoscaling, headroom, machines, replicas, servers

MODULES: tuple[ModuleType, ...] = (
    autoscaling,
    headroom,
    machines,
    replicas,
    servers,
)
