"""Objectives of service: response times, errors, and the room that is left, while a workload is asked."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.slo import incidents, latency, saturation, success

MODULES: tuple[ModuleType, ...] = (
    incidents,
    latency,
    saturation,
    success,
)
