"""Backups and restores as the files describe them, and backups that something befell in a drill."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.backup import (
    beyond,
    dumps,
    failures,
    kept,
    managed,
    outcomes,
    restores,
    retention,
    snapshots,
)

MODULES: tuple[ModuleType, ...] = (
    beyond,
    dumps,
    failures,
    kept,
    managed,
    outcomes,
    restores,
    retention,
    snapshots,
)
