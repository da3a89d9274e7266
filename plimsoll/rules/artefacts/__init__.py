"""That files are what they seem, and were understood; what scanners say of them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.artefacts import understood

MODULES: tuple[ModuleType, ...] = (understood,)
