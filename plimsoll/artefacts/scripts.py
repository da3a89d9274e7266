"""The scripts of a folder, and what they take from one another and from environment files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from plimsoll.artefacts.shell import read
from plimsoll.observations.artefacts import Kind, Script, ShellScripts, SourceFile, Trouble

READS = re.compile(r"^\s*(?:\.|source)\s+(.+?)\s*$", re.MULTILINE)
"""Lines that take in another file."""

KEPT = 1024
"""Readings of scripts that are kept: a script is read anew when it, or what it may read itself, says something else."""

Settings = Mapping[str, Mapping[str, str]]
"""What variables mean, by the name of the file that says so."""


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> ShellScripts:
    """Every script of a folder; environment files among the sources say what variables mean that a script reads."""
    settings = {_short(s): _said(_reading(s, {}, {})[0], {}) for s in sources if s.kind is Kind.ENVIRONMENT}
    scripts = [s for s in sources if s.kind is Kind.SCRIPT]
    wanted = {_base(name) for s in scripts for name in READS.findall(s.text)}
    alone = [_reading(s, settings, {})[0] for s in scripts if _short(s) in wanted]
    functions = {_short(script.source): script.functions for script in alone}
    settings |= {_short(script.source): _said(script, settings) for script in alone}
    readings = [_reading(s, settings, functions) for s in scripts]
    return ShellScripts(
        sources=tuple(script.source for script, _ in readings),
        scripts=tuple(script for script, _ in readings),
        troubles=tuple(trouble for _, troubles in readings for trouble in troubles),
        seen_at=seen_at,
    )


def _reading(
    source: SourceFile, settings: Settings, functions: Mapping[str, tuple[str, ...]]
) -> tuple[Script, tuple[Trouble, ...]]:
    said = tuple((file, tuple(variables.items())) for file, variables in settings.items())
    return _kept(source, said, tuple(functions.items()))


@lru_cache(KEPT)
def _kept(
    source: SourceFile,
    settings: tuple[tuple[str, tuple[tuple[str, str], ...]], ...],
    functions: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[Script, tuple[Trouble, ...]]:
    return read(source, {file: dict(variables) for file, variables in settings}, dict(functions))


def _base(path: str) -> str:
    return path.rpartition("/")[2].rstrip("\"'})")


def _short(source: SourceFile) -> str:
    return _base(source.name)


def _said(script: Script, settings: Settings) -> Mapping[str, str]:
    """What whoever reads this file knows from it, and from what it reads itself."""
    known = {name: value for file in script.reads for name, value in settings.get(file, {}).items()}
    return known | {a.name: a.value.value for a in script.assignments if a.name not in known}
