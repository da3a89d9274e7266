"""Environment files and secrets."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.secrets_env import delivery, inputs, lines, promised, strength

MODULES: tuple[ModuleType, ...] = (delivery, inputs, lines, promised, strength)
