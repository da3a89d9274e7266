"""Files that hold trees: Kubernetes, CI, monitoring, platforms, Terraform."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.artefacts.source import Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests(Trees):
    """Kubernetes manifests and Helm values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows(Trees):
    """CI workflows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringFiles(Trees):
    """Prometheus' configuration and rules, Alertmanager's configuration, dashboards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFiles(Trees):
    """What package managers, process managers and platforms are told: package.json, PM2, Vercel, Railway, ECS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformFiles(Trees):
    """Infrastructure as Terraform describes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSources(Trees):
    """Where Grafana asks, as its provisioning states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyFiles(Trees):
    """Which dependencies are kept fresh by a machine: Dependabot's and Renovate's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApiFiles(Trees):
    """Descriptions of APIs in OpenAPI."""
