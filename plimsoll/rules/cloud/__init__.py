"""What platforms and infrastructure are told."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
