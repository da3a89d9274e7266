"""Backups and restores as the files describe them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.backup import (
    beyond,
    dumps,
    kept,
    outcomes,
    restores,
    retention,
)

MODULES: tuple[ModuleType, ...] = (
    beyond,
    dumps,
    kept,
    outcomes,
    restores,
    retention,
)
