"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.inventory import Entry, Inventory
from plimsoll.observations.artefacts.node import Node
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
    "Dockerfiles",
    "Document",
    "Entry",
    "Inventory",
    "Kind",
    "Manifests",
    "MonitoringFiles",
    "Node",
    "PlatformFiles",
    "Purpose",
    "Scripts",
    "SettingsFiles",
    "SourceFile",
    "SqlFiles",
    "TerraformFiles",
    "Texts",
    "Trees",
    "Trouble",
    "Workflows",
]
