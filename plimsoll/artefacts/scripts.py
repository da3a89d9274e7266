"""The scripts of a folder, and what they take from one another and from environment files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from plimsoll.artefacts.shell import read
from plimsoll.observations.artefacts import Kind, Script, ShellScripts, SourceFile

READS = re.compile(r"^\s*(?:\.|source)\s+(.+?)\s*$", re.MULTILINE)
"""Lines that take in another file."""


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> ShellScripts:
    """Every script of a folder; environment files among the sources say what variables mean that a script reads."""
    settings = {_short(s): _said(read(s, {})[0], {}) for s in sources if s.kind is Kind.ENVIRONMENT}
    scripts = [s for s in sources if s.kind is Kind.SCRIPT]
    wanted = {_base(name) for s in scripts for name in READS.findall(s.text)}
    alone = [read(s, settings)[0] for s in scripts if _short(s) in wanted]
    functions = {_short(script.source): script.functions for script in alone}
    settings |= {_short(script.source): _said(script, settings) for script in alone}
    readings = [read(s, settings, functions) for s in scripts]
    return ShellScripts(
        sources=tuple(script.source for script, _ in readings),
        scripts=tuple(script for script, _ in readings),
        troubles=tuple(trouble for _, troubles in readings for trouble in troubles),
        seen_at=seen_at,
    )


def _base(path: str) -> str:
    return path.rpartition("/")[2].rstrip("\"'})")


def _short(source: SourceFile) -> str:
    return _base(source.name)


def _said(script: Script, settings: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What whoever reads this file knows from it, and from what it reads itself."""
    known = {name: value for file in script.reads for name, value in settings.get(file, {}).items()}
    return known | {a.name: a.value.value for a in script.assignments if a.name not in known}
