"""Schedules, scripts and logs of everyday work."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.operations import dangers, failures, logs, schedules, slips

MODULES: tuple[ModuleType, ...] = (dangers, failures, logs, schedules, slips)
