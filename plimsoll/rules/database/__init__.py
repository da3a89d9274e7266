"""Databases and caches: their settings, their SQL, and the programs that ask them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.database import postgres, programs, redis, rights, statements

MODULES: tuple[ModuleType, ...] = (postgres, programs, redis, rights, statements)
