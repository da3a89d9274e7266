"""That files agree with each other: both places are named."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
