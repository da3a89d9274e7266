"""Kubernetes manifests and charts."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.kubernetes import exposed, growth, pods, privileges, revisions, secrets, stated, versions

MODULES: tuple[ModuleType, ...] = (
    exposed,
    growth,
    pods,
    privileges,
    revisions,
    secrets,
    stated,
    versions,
)
