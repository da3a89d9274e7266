"""Backups and restores as the files describe them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.backup import dumps, restores, retention

MODULES: tuple[ModuleType, ...] = (dumps, restores, retention)
