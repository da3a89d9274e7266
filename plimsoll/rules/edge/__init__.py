"""What the edge lets through, holds back and keeps to itself."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.edge import (
    answers,
    balance,
    claims,
    config,
    leaks,
    limits,
    nginx_headers,
    nginx_limits,
    nginx_paths,
    nginx_proxying,
    peers,
    proxying,
    rates,
    smuggling,
    spellings,
    users,
)

MODULES: tuple[ModuleType, ...] = (
    answers,
    balance,
    claims,
    config,
    leaks,
    limits,
    nginx_headers,
    nginx_limits,
    nginx_paths,
    nginx_proxying,
    peers,
    proxying,
    rates,
    smuggling,
    spellings,
    users,
)
