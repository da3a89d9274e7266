"""What is built in, and who looked at it."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
