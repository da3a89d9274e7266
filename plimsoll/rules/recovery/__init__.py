"""Recoveries as drills have seen them: what was lost, how long it took, what was refused."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
