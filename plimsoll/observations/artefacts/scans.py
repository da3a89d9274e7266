"""What scanners said of a deployment's files, each with its state."""

from __future__ import annotations

import enum
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Advice
from plimsoll.observations.artefacts.source import Artefacts


class State(enum.StrEnum):
    """How it went with one scanner."""

    RAN = "ran"
    IDLE = "idle"
    """There is no file that it knows."""
    MISSING = "missing"
    CRASHED = "crashed"
    """It ended in another way than it should, said what nobody understands, or took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One file that a scanner was given: what it said of it, and why it could not make sense of it (`unread`)."""

    name: str
    results: tuple[Advice, ...] = ()
    unread: str = ""
    fragment: bool = False
    for_production: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scanner's part: `trouble` is why it said nothing, `hint` what would mend that."""

    scanner: str
    state: State = State.RAN
    version: str = ""
    files: tuple[Examined, ...] = ()
    trouble: str = ""
    hint: str = ""

    def of(self, pattern: str) -> tuple[Examined, ...]:
        """The files whose names match a pattern; all for ""."""
        return tuple(file for file in self.files if not pattern or fnmatch.fnmatchcase(file.name, pattern))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerReports(Artefacts):
    """All scanners' parts. `claims` are the results that promises speak of: `hadolint DL3002`, patterns allowed."""

    scans: tuple[Scan, ...]
    claims: tuple[str, ...] = ()

    def scan(self, scanner: str) -> Scan | None:
        """One scanner's part, by its name."""
        return next((scan for scan in self.scans if scan.scanner == scanner), None)

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What is said beyond the promises."""
        return tuple(each for each in self._results() if not self._is_claimed(each))

    def _results(self) -> Iterator[Advice]:
        return (each for scan in self.scans for file in scan.files for each in file.results)

    def _is_claimed(self, each: Advice) -> bool:
        return any(fnmatch.fnmatchcase(f"{each.scanner} {each.rule}", claim) for claim in self.claims)
