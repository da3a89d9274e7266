"""Files as they were found, and what every observation of files has in common."""

from __future__ import annotations

import enum
import fnmatch
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from plimsoll.model import Spot
from plimsoll.observations.artefacts.node import Node


class Kind(enum.StrEnum):
    """What a file is, by its name and by what it says."""

    ALERTMANAGER = "alertmanager"
    ALERTS = "alerts"
    ALERT_TESTS = "alert-tests"
    COMPOSE = "compose"
    CRONTAB = "crontab"
    DASHBOARD = "dashboard"
    DATASOURCES = "datasources"
    DEPENDENCIES = "dependencies"
    DOCKERFILE = "dockerfile"
    DOCUMENT = "document"
    ECS = "ecs"
    ENVIRONMENT = "environment"
    EXPOSITION = "exposition"
    HELM_VALUES = "helm-values"
    IGNORE = "ignore"
    JAVASCRIPT = "javascript"
    KUBERNETES = "kubernetes"
    LOGROTATE = "logrotate"
    NGINX = "nginx"
    OPENAPI = "openapi"
    PACKAGE = "package"
    PM2 = "pm2"
    POSTGRES = "postgres"
    POSTGRES_HBA = "postgres-hba"
    PROMETHEUS = "prometheus"
    PYTHON = "python"
    RAILWAY = "railway"
    REDIS = "redis"
    SCRIPT = "script"
    SQL = "sql"
    SYSTEMD = "systemd"
    TEMPLATE = "template"
    TERRAFORM = "terraform"
    VERCEL = "vercel"
    WORKFLOW = "workflow"
    OTHER = "other"
    """A text that no rule reads; it is listed, so that nobody takes it for judged."""
    UNREADABLE = "unreadable"
    """Nothing that could be read as a text; `trouble` says why."""


class Purpose(enum.StrEnum):
    """What a file is for, as its name says; what does not say is for production."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    TEST = "test"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file, or one block of a guide.

    `name` is what the deployment calls it (`compose/production.yml`). `file` is what a person opens (the guide, for a
    block of one) and `first` the line of it at which the text begins. A `fragment` is a part of a file: what it does
    not say may stand in the rest. `title` is the heading above a block.
    """

    name: str
    kind: Kind
    text: str
    file: str = ""
    first: int = 1
    fragment: bool = False
    purpose: Purpose = Purpose.PRODUCTION
    title: str = ""
    trouble: str = ""

    def spot(self, line: int = 1) -> Spot:
        """A line of this text, as a person looks it up."""
        return Spot(self.file or self.name, self.first + line - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something in a file that could not be understood: nothing that depends on it can be called kept."""

    spot: Spot
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of a file (a YAML file may hold several) as a tree."""

    source: SourceFile
    root: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """All files of the kinds that one observation is about, and what in them could not be understood."""

    sources: tuple[SourceFile, ...]
    seen_at: datetime
    troubles: tuple[Trouble, ...] = ()

    @property
    def amount(self) -> int:
        """How many files were read."""
        return len(self.sources)

    @property
    def trouble(self) -> str:
        """What could not be understood first, in words; "" when everything was."""
        return f"{self.troubles[0].spot}: {self.troubles[0].what}" if self.troubles else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Artefacts):
    """Files that are read line by line."""

    def of(self, *kinds: Kind, files: str = "") -> tuple[SourceFile, ...]:
        """The files of these kinds (all if none is said) whose names match a pattern."""
        return tuple(s for s in self.sources if (not kinds or s.kind in kinds) and meant(s, files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees(Artefacts):
    """Files that hold trees of tables and lists."""

    documents: tuple[Document, ...]

    def of(self, *kinds: Kind, files: str = "") -> tuple[Document, ...]:
        """The documents of these kinds (all if none is said) in files whose names match a pattern."""
        return tuple(d for d in self.documents if (not kinds or d.source.kind in kinds) and meant(d.source, files))

    def for_production(self) -> Self:
        """The same without what is for development, tests or as an example."""
        kept = (Purpose.PRODUCTION, Purpose.STAGING)
        return type(self)(
            sources=tuple(s for s in self.sources if s.purpose in kept),
            documents=tuple(d for d in self.documents if d.source.purpose in kept),
            troubles=self.troubles,
            seen_at=self.seen_at,
        )


def meant(source: SourceFile, pattern: str) -> bool:
    """Whether a pattern means the file; none means every file."""
    return not pattern or fnmatch.fnmatchcase(source.name, pattern)
