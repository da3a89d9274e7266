"""Schedules, scripts and logs of everyday work."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
