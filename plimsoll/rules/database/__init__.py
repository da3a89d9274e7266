"""What databases and caches are told."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
