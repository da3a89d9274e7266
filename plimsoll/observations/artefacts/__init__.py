"""What a deployment's files say: read once, with lines, and judged at rest."""

from __future__ import annotations

from plimsoll.observations.artefacts.compose import ComposeFiles, Dependency, Mount, Service
from plimsoll.observations.artefacts.dockerfile import Dockerfile, Dockerfiles, Instruction, Stage
from plimsoll.observations.artefacts.inventory import Entry, Inventory
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.published import Mapped
from plimsoll.observations.artefacts.source import Artefacts, Document, Kind, Purpose, SourceFile, Texts, Trees, Trouble
from plimsoll.observations.artefacts.texts import Scripts, SettingsFiles, SqlFiles
from plimsoll.observations.artefacts.trees import Manifests, MonitoringFiles, PlatformFiles, TerraformFiles, Workflows

__all__ = [
    "Artefacts",
    "ComposeFiles",
    "Dependency",
    "Dockerfile",
    "Dockerfiles",
    "Document",
    "Entry",
    "Instruction",
    "Inventory",
    "Kind",
    "Manifests",
    "Mapped",
    "MonitoringFiles",
    "Mount",
    "Node",
    "PlatformFiles",
    "Purpose",
    "Scripts",
    "Service",
    "SettingsFiles",
    "SourceFile",
    "SqlFiles",
    "Stage",
    "TerraformFiles",
    "Texts",
    "Trees",
    "Trouble",
    "Workflows",
]
