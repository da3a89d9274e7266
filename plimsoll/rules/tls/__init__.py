"""What ports negotiate, and who they say that they are."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.tls import (
    certificates,
    negotiation,
    sessions,
)

MODULES: tuple[ModuleType, ...] = (certificates, negotiation, sessions)
