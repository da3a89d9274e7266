"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.environment import EnvironmentFiles, Variable
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.settings import Door, Oddity, PostgresFiles, RedisFiles, ServerSettings, Setting
from plimsoll.observations.artefacts.source import Artefacts, Document, Kind, Purpose, SourceFile, Texts, Trees, Trouble
from plimsoll.observations.artefacts.statements import MachineFiles, Programs, SqlStatements, Statement
from plimsoll.observations.artefacts.texts import Dockerfiles, IgnoreFiles, Scripts, SettingsFiles, SqlFiles
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
    "Dockerfiles",
    "Door",
    "Document",
    "EnvironmentFiles",
    "IgnoreFiles",
    "Kind",
    "MachineFiles",
    "Manifests",
    "MonitoringFiles",
    "Node",
    "Oddity",
    "PlatformFiles",
    "PostgresFiles",
    "Programs",
    "Purpose",
    "RedisFiles",
    "Scripts",
    "ServerSettings",
    "Setting",
    "SettingsFiles",
    "SourceFile",
    "SqlFiles",
    "SqlStatements",
    "Statement",
    "TerraformFiles",
    "Texts",
    "Trees",
    "Trouble",
    "Variable",
    "Workflows",
]
