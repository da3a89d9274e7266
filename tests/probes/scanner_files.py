"""Files with a defect each, and how scanners are run over them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts.kinds import kind_of
from plimsoll.observations.artefacts import SourceFile
from plimsoll.observations.artefacts.scans import Scan, State
from plimsoll.probes.scanners.known import SCANNERS
from plimsoll.probes.scanners.scanner import Scanner
from plimsoll.probes.scanners.survey import scan

SEEN_AT = datetime(2026, 3, 1, tzinfo=UTC)


def source(name: str, text: str, *, fragment: bool = False, first: int = 1) -> SourceFile:
    """A file of that name, or a block of a guide."""
    file = "guide.md" if fragment else ""
    return SourceFile(name=name, kind=kind_of(name, text), text=text, fragment=fragment, first=first, file=file)


def named(name: str) -> Scanner:
    """The scanner of that name."""
    return next(scanner for scanner in SCANNERS if scanner.name == name)


def scanned(name: str, *sources: SourceFile) -> Scan:
    """What that scanner says of these files; where it cannot be had, the test does not run."""
    said = scan(named(name), sources)
    if said.state is State.MISSING:
        pytest.skip(f"not run: {name} {said.trouble}")
    return said


def results(said: Scan) -> list[str]:
    """What was found, each in a few words."""
    assert said.state is State.RAN, said.trouble
    return [f"{each.spot} {each.rule}" for file in said.files for each in file.results]
