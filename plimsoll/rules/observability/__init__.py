"""What is measured, shown and told to people."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.observability import alerts, dashboards, errors, receivers, scraping

MODULES: tuple[ModuleType, ...] = (
    alerts,
    dashboards,
    errors,
    receivers,
    scraping,
)
