"""What scanners say beyond the promises: shown apart from the verdict, and never a part of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from plimsoll.model.promise import Spot


class Severity(enum.StrEnum):
    """How much a scanner thinks of what it found; scanners without such words say MEDIUM."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One result of a scanner that maps to no promise: who says so, by which of its rules, where, and where to read on.

    `rule` is the scanner's own id (`CKV_DOCKER_2`), `link` its help page ("" if it has none).
    """

    scanner: str
    rule: str
    severity: Severity
    spot: Spot
    message: str
    link: str = ""
