"""Backups and restores as the files describe them."""

from __future__ import annotations

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
