"""What scanners said of a deployment's files, each with its state."""

from __future__ import annotations

import enum
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Advice, Severity
from plimsoll.observations.artefacts.source import Artefacts

WORST_FIRST = tuple(Severity)
"""From critical to info."""


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
    kind: str = ""
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

    def of(self, *, kinds: tuple[str, ...] = (), files: str = "") -> tuple[Examined, ...]:
        """The files of these kinds (all if none is said) whose names match a pattern."""
        return tuple(
            file
            for file in self.files
            if (not kinds or file.kind in kinds) and (not files or fnmatch.fnmatchcase(file.name, files))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The results that a promise speaks of: `hadolint DL3002`, patterns allowed, from a severity upwards."""

    pattern: str
    severity: Severity = Severity.INFO

    def means(self, each: Advice) -> bool:
        """Whether a result is one of them."""
        severe = WORST_FIRST.index(each.severity) <= WORST_FIRST.index(self.severity)
        return severe and fnmatch.fnmatchcase(f"{each.scanner} {each.rule}", self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerReports(Artefacts):
    """All scanners' parts, and the results that promises speak of."""

    scans: tuple[Scan, ...]
    claims: tuple[Claim, ...] = ()

    def scan(self, scanner: str) -> Scan | None:
        """One scanner's part, by its name."""
        return next((scan for scan in self.scans if scan.scanner == scanner), None)

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What is said beyond the promises."""
        return tuple(each for each in self._results() if not any(claim.means(each) for claim in self.claims))

    def _results(self) -> Iterator[Advice]:
        return (each for scan in self.scans for file in scan.files for each in file.results)
