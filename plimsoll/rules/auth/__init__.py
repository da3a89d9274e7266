"""Who is let in, as whom, and to what."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.auth import (
    credentials,
    modes,
    roles,
    secrets,
    signin,
    ssh,
    tokens,
)

MODULES: tuple[ModuleType, ...] = (credentials, modes, roles, secrets, signin, ssh, tokens)
