"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.javascript import Call, JavaScripts, ProcessFiles
from plimsoll.observations.artefacts.metrics import ExportedMetrics, Family
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.pipelines import Job, Pipeline, Pipelines, Step, Timetable
from plimsoll.observations.artefacts.source import Artefacts, Document, Kind, Purpose, SourceFile, Texts, Trees, Trouble
from plimsoll.observations.artefacts.texts import Dockerfiles, Documents, FolderFiles, Scripts, SettingsFiles, SqlFiles
from plimsoll.observations.artefacts.trees import (
    ComposeFiles,
    DataSources,
    DependencyFiles,
    Manifests,
    MonitoringFiles,
    OpenApiFiles,
    PlatformFiles,
    TerraformFiles,
    Workflows,
)

__all__ = [
    "Artefacts",
    "Call",
    "ComposeFiles",
    "DataSources",
    "DependencyFiles",
    "Dockerfiles",
    "Document",
    "Documents",
    "ExportedMetrics",
    "Family",
    "FolderFiles",
    "JavaScripts",
    "Job",
    "Kind",
    "Manifests",
    "MonitoringFiles",
    "Node",
    "OpenApiFiles",
    "Pipeline",
    "Pipelines",
    "PlatformFiles",
    "ProcessFiles",
    "Purpose",
    "Scripts",
    "SettingsFiles",
    "SourceFile",
    "SqlFiles",
    "Step",
    "TerraformFiles",
    "Texts",
    "Timetable",
    "Trees",
    "Trouble",
    "Workflows",
]
