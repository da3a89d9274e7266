"""What ports negotiate, and who they say that they are."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.tls import (
    certificates,
    negotiation,
    nginx_files,
    sessions,
)

MODULES: tuple[ModuleType, ...] = (certificates, negotiation, nginx_files, sessions)
