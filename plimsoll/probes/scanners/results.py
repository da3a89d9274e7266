"""What a scanner says, before it is known where a person looks it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that a scanner found: in which of the desk's files, by which of its rules, how bad, on which line."""

    path: str
    rule: str
    message: str
    severity: Severity = Severity.MEDIUM
    line: int = 1
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that the scanner could make no sense of, and why: nothing it did not find there is known to be absent."""

    path: str
    why: str


WORDS: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "error": Severity.HIGH,
    "high": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.INFO,
    "note": Severity.INFO,
    "style": Severity.INFO,
    "informational": Severity.INFO,
}
"""The words of the scanners for how bad something is."""


def severity(word: object) -> Severity:
    """What a scanner's word means; MEDIUM for scanners without such words."""
    return WORDS.get(str(word).lower(), Severity.MEDIUM)
