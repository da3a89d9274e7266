"""Which files each observation holds, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from plimsoll.artefacts import logrotate, schedule, shell, trees
from plimsoll.observations.artefacts import (
    Artefacts,
    ComposeFiles,
    Dockerfiles,
    Kind,
    LogrotateFiles,
    Manifests,
    MonitoringFiles,
    PlatformFiles,
    Schedules,
    Scripts,
    SettingsFiles,
    ShellScripts,
    SourceFile,
    SqlFiles,
    TerraformFiles,
    Texts,
    Trees,
    Workflows,
)

KINDS: Mapping[type[Artefacts], tuple[Kind, ...]] = {
    ComposeFiles: (Kind.COMPOSE,),
    Dockerfiles: (Kind.DOCKERFILE,),
    LogrotateFiles: (Kind.LOGROTATE,),
    Manifests: (Kind.KUBERNETES, Kind.HELM_VALUES),
    MonitoringFiles: (Kind.PROMETHEUS, Kind.ALERTS, Kind.ALERTMANAGER, Kind.DASHBOARD),
    PlatformFiles: (Kind.PACKAGE, Kind.VERCEL, Kind.RAILWAY, Kind.ECS),
    Schedules: (Kind.CRONTAB, Kind.SYSTEMD),
    Scripts: (Kind.SCRIPT,),
    SettingsFiles: (Kind.POSTGRES, Kind.REDIS, Kind.LOGROTATE, Kind.SYSTEMD, Kind.CRONTAB),
    ShellScripts: (Kind.SCRIPT, Kind.ENVIRONMENT),
    SqlFiles: (Kind.SQL,),
    TerraformFiles: (Kind.TERRAFORM,),
    Workflows: (Kind.WORKFLOW,),
}
"""The kinds of files that each observation holds."""


def _trees(kind: type[Trees]) -> Callable[[tuple[SourceFile, ...], datetime], Trees]:
    def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> Trees:
        readings = [trees.read(source) for source in sources]
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


READERS: Mapping[type[Artefacts], Callable[[tuple[SourceFile, ...], datetime], Artefacts]] = {
    ComposeFiles: _trees(ComposeFiles),
    Dockerfiles: _texts(Dockerfiles),
    LogrotateFiles: logrotate.observe,
    Manifests: _trees(Manifests),
    MonitoringFiles: _trees(MonitoringFiles),
    PlatformFiles: _trees(PlatformFiles),
    Schedules: schedule.observe,
    Scripts: _texts(Scripts),
    SettingsFiles: _texts(SettingsFiles),
    ShellScripts: shell.observe,
    SqlFiles: _texts(SqlFiles),
    TerraformFiles: _trees(TerraformFiles),
    Workflows: _trees(Workflows),
}
"""How each observation comes about from the files of its kinds."""


def observe(kind: type[Artefacts], sources: Iterable[SourceFile], seen_at: datetime) -> Artefacts:
    """What the files of an observation's kinds say."""
    return READERS[kind](tuple(s for s in sources if s.kind in KINDS[kind]), seen_at)
