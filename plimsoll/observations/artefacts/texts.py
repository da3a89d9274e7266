"""Files that are read line by line: scripts, documents, settings of servers."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.artefacts.source import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts(Texts):
    """Shell scripts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFiles(Texts):
    """Settings of servers and tools: nginx, PostgreSQL, Redis, logrotate, systemd, crontabs, environment files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreFiles(Texts):
    """What is kept out of a repository, and out of an image's build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents(Texts):
    """What people read: guides, runbooks, procedures."""
