"""What is measured, shown and told to people."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
