"""Which files each observation holds, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from plimsoll.artefacts import (
    dockerfile,
    environment,
    exposition,
    hcl,
    inventory,
    javascript,
    logrotate,
    nginx,
    schedule,
    scripts,
    settings,
    sql,
    trees,
    workflow,
)
from plimsoll.artefacts.trees import Reading
from plimsoll.observations.artefacts import (
    Artefacts,
    ComposeFiles,
    DataSources,
    DependencyFiles,
    Dockerfiles,
    Documents,
    EnvironmentFiles,
    ExportedMetrics,
    IgnoreFiles,
    Inventory,
    JavaScripts,
    Kind,
    LogrotateFiles,
    MachineFiles,
    Manifests,
    MonitoringFiles,
    NginxFiles,
    OpenApiFiles,
    Pipelines,
    PlatformFiles,
    PostgresFiles,
    ProcessFiles,
    Programs,
    RedisFiles,
    Schedules,
    Scripts,
    SettingsFiles,
    ShellScripts,
    SourceFile,
    SqlStatements,
    TerraformFiles,
    Texts,
    Trees,
    Workflows,
)

KINDS: Mapping[type[Artefacts], tuple[Kind, ...]] = {
    ComposeFiles: (Kind.COMPOSE,),
    DataSources: (Kind.DATASOURCES,),
    DependencyFiles: (Kind.DEPENDENCIES,),
    Dockerfiles: (Kind.DOCKERFILE,),
    LogrotateFiles: (Kind.LOGROTATE,),
    Inventory: tuple(Kind),
    Documents: (Kind.DOCUMENT,),
    ExportedMetrics: (Kind.EXPOSITION, Kind.JAVASCRIPT),
    JavaScripts: (Kind.JAVASCRIPT,),
    EnvironmentFiles: (Kind.ENVIRONMENT,),
    IgnoreFiles: (Kind.IGNORE,),
    MachineFiles: (Kind.OTHER, Kind.TERRAFORM),
    Manifests: (Kind.KUBERNETES, Kind.HELM_VALUES),
    MonitoringFiles: (Kind.PROMETHEUS, Kind.ALERTS, Kind.ALERTMANAGER, Kind.DASHBOARD),
    NginxFiles: (Kind.NGINX,),
    OpenApiFiles: (Kind.OPENAPI,),
    Pipelines: (Kind.WORKFLOW,),
    PlatformFiles: (Kind.PACKAGE, Kind.VERCEL, Kind.RAILWAY, Kind.ECS),
    Schedules: (Kind.CRONTAB, Kind.SYSTEMD),
    ProcessFiles: (Kind.PM2,),
    PostgresFiles: (Kind.POSTGRES, Kind.POSTGRES_HBA),
    Programs: (Kind.JAVASCRIPT, Kind.PYTHON, Kind.PM2),
    RedisFiles: (Kind.REDIS,),
    Scripts: (Kind.SCRIPT,),
    SettingsFiles: (Kind.POSTGRES, Kind.REDIS, Kind.LOGROTATE, Kind.SYSTEMD, Kind.CRONTAB),
    ShellScripts: (Kind.SCRIPT, Kind.ENVIRONMENT),
    SqlStatements: (Kind.SQL,),
    TerraformFiles: (Kind.TERRAFORM,),
    Workflows: (Kind.WORKFLOW,),
}
"""The kinds of files that each observation holds."""


def _trees(
    kind: type[Trees], read: Callable[[SourceFile], Reading] = trees.read
) -> Callable[[tuple[SourceFile, ...], datetime], Trees]:
    def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> Trees:
        readings = [read(source) for source in sources]
        return kind(
            sources=sources,
            documents=tuple(document for reading in readings for document in reading.documents),
            troubles=tuple(trouble for reading in readings for trouble in reading.troubles),
            seen_at=seen_at,
        )

    return observe


def _texts(kind: type[Texts]) -> Callable[[tuple[SourceFile, ...], datetime], Texts]:
    def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> Texts:
        return kind(sources=sources, seen_at=seen_at)

    return observe


def _javascripts(sources: tuple[SourceFile, ...], seen_at: datetime) -> JavaScripts:
    found = tuple(call for source in sources for call in javascript.calls(source))
    return JavaScripts(sources=sources, calls=found, seen_at=seen_at)


def _metrics(sources: tuple[SourceFile, ...], seen_at: datetime) -> ExportedMetrics:
    return ExportedMetrics(sources=sources, families=tuple(exposition.families(sources)), seen_at=seen_at)


def _pipelines(sources: tuple[SourceFile, ...], seen_at: datetime) -> Pipelines:
    readings = [trees.read(source) for source in sources]
    found = (workflow.pipeline(document, seen_at) for reading in readings for document in reading.documents)
    return Pipelines(
        sources=sources,
        pipelines=tuple(pipeline for pipeline in found if pipeline),
        troubles=tuple(trouble for reading in readings for trouble in reading.troubles),
        seen_at=seen_at,
    )


def _inventory(sources: tuple[SourceFile, ...], seen_at: datetime) -> Inventory:
    others = (Dockerfiles, LogrotateFiles, ProcessFiles, ShellScripts, TerraformFiles)
    troubles = (trouble for kind in others for trouble in observe(kind, sources, seen_at).troubles)
    return inventory.take(sources, seen_at, troubles=troubles)


READERS: Mapping[type[Artefacts], Callable[[tuple[SourceFile, ...], datetime], Artefacts]] = {
    ComposeFiles: _trees(ComposeFiles),
    DataSources: _trees(DataSources),
    DependencyFiles: _trees(DependencyFiles),
    Inventory: _inventory,
    LogrotateFiles: logrotate.observe,
    Dockerfiles: dockerfile.observe,
    Documents: _texts(Documents),
    ExportedMetrics: _metrics,
    JavaScripts: _javascripts,
    EnvironmentFiles: environment.observe,
    IgnoreFiles: _texts(IgnoreFiles),
    MachineFiles: _texts(MachineFiles),
    Manifests: _trees(Manifests),
    MonitoringFiles: _trees(MonitoringFiles),
    NginxFiles: nginx.observe,
    OpenApiFiles: _trees(OpenApiFiles),
    Pipelines: _pipelines,
    PlatformFiles: _trees(PlatformFiles),
    Schedules: schedule.observe,
    ProcessFiles: _trees(ProcessFiles, javascript.settings),
    PostgresFiles: settings.postgres,
    Programs: _texts(Programs),
    RedisFiles: settings.redis,
    Scripts: _texts(Scripts),
    SettingsFiles: _texts(SettingsFiles),
    ShellScripts: scripts.observe,
    SqlStatements: sql.observe,
    TerraformFiles: _trees(TerraformFiles, hcl.read),
    Workflows: _trees(Workflows),
}
"""How each observation comes about from the files of its kinds."""


def observe(kind: type[Artefacts], sources: Iterable[SourceFile], seen_at: datetime) -> Artefacts:
    """What the files of an observation's kinds say."""
    return READERS[kind](tuple(s for s in sources if s.kind in KINDS[kind]), seen_at)
