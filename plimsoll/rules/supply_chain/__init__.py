"""What is built in, and who looked at it."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.supply_chain import actions, dependencies, documents, schedules, untrusted

MODULES: tuple[ModuleType, ...] = (
    actions,
    dependencies,
    documents,
    schedules,
    untrusted,
)
