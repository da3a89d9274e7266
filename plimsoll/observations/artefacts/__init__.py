"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.compose import ComposeFiles, Dependency, Mount, Service
from plimsoll.observations.artefacts.dockerfile import Dockerfile, Dockerfiles, Instruction, Stage
from plimsoll.observations.artefacts.environment import EnvironmentFiles, Variable
from plimsoll.observations.artefacts.inventory import Entry, Inventory
from plimsoll.observations.artefacts.javascript import Call, JavaScripts, ProcessFiles
from plimsoll.observations.artefacts.logrotate import LogrotateFiles, Rotation
from plimsoll.observations.artefacts.metrics import ExportedMetrics, Family
from plimsoll.observations.artefacts.nginx import NginxFiles, NginxTree
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.pipelines import Job, Pipeline, Pipelines, Step, Timetable
from plimsoll.observations.artefacts.published import Mapped
from plimsoll.observations.artefacts.schedule import CronLine, Schedules
from plimsoll.observations.artefacts.settings import Door, Oddity, PostgresFiles, RedisFiles, ServerSettings, Setting
from plimsoll.observations.artefacts.shell import Script, ShellScripts
from plimsoll.observations.artefacts.source import Artefacts, Document, Kind, Purpose, SourceFile, Texts, Trees, Trouble
from plimsoll.observations.artefacts.statements import MachineFiles, Programs, SqlStatements, Statement
from plimsoll.observations.artefacts.texts import Documents, IgnoreFiles, Scripts, SettingsFiles
from plimsoll.observations.artefacts.trees import (
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
    "CronLine",
    "DataSources",
    "Dependency",
    "DependencyFiles",
    "Dockerfile",
    "Dockerfiles",
    "Document",
    "Documents",
    "Door",
    "Entry",
    "EnvironmentFiles",
    "ExportedMetrics",
    "Family",
    "IgnoreFiles",
    "Instruction",
    "Inventory",
    "JavaScripts",
    "Job",
    "Kind",
    "LogrotateFiles",
    "MachineFiles",
    "Manifests",
    "Mapped",
    "MonitoringFiles",
    "Mount",
    "NginxFiles",
    "NginxTree",
    "Node",
    "Oddity",
    "OpenApiFiles",
    "Pipeline",
    "Pipelines",
    "PlatformFiles",
    "PostgresFiles",
    "ProcessFiles",
    "Programs",
    "Purpose",
    "RedisFiles",
    "Rotation",
    "Schedules",
    "Script",
    "Scripts",
    "ServerSettings",
    "Service",
    "Setting",
    "SettingsFiles",
    "ShellScripts",
    "SourceFile",
    "SqlStatements",
    "Stage",
    "Statement",
    "Step",
    "TerraformFiles",
    "Texts",
    "Timetable",
    "Trees",
    "Trouble",
    "Variable",
    "Workflows",
]
