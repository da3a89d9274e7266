"""Who reaches which ports, and what becomes of intruders."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.firewall import (
    hosts,
    ports,
)

MODULES: tuple[ModuleType, ...] = (hosts, ports)
