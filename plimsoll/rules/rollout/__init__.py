"""How a change reaches production."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
