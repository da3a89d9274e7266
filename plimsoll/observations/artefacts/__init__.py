"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.logrotate import LogrotateFiles, Rotation
from plimsoll.observations.artefacts.schedule import CronLine, Schedules
from plimsoll.observations.artefacts.shell import Script, ShellScripts
from plimsoll.observations.artefacts.source import Artefacts, Document, Kind, Purpose, SourceFile, Texts, Trees, Trouble
from plimsoll.observations.artefacts.texts import Dockerfiles, Scripts, SettingsFiles, SqlFiles
from plimsoll.observations.artefacts.trees import (
    ComposeFiles,
    Manifests,
    MonitoringFiles,
    PlatformFiles,
    TerraformFiles,
    Workflows,
)

__all__ = [
    "Artefacts",
    "ComposeFiles",
    "CronLine",
    "Dockerfiles",
    "Document",
    "Kind",
    "LogrotateFiles",
    "Manifests",
    "MonitoringFiles",
    "Node",
    "PlatformFiles",
    "Purpose",
    "Rotation",
    "Schedules",
    "Script",
    "Scripts",
    "SettingsFiles",
    "ShellScripts",
    "SourceFile",
    "SqlFiles",
    "TerraformFiles",
    "Texts",
    "Trees",
    "Trouble",
    "Workflows",
]
