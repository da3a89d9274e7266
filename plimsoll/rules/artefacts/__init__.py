"""That files are what they seem, and were understood; what scanners say of them."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.artefacts import scanners, understood

MODULES: tuple[ModuleType, ...] = (scanners, understood)
