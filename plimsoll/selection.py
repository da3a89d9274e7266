"""Which promises a suite judges."""

from __future__ import annotations

from pathlib import Path

from plimsoll.looks import DEEP, at_rest, of_drills, of_files, of_load
from plimsoll.model import Promise
from plimsoll.rules import RULES

SUITES = "suites"
ALL = "all"
QUICK = "smoke"
"""The suite that answers in seconds."""
AT_REST = "policy"
"""The suite that reads files and asks nobody."""
DRILLS = "drills"
"""The suite that harms stacks of its own."""
LOAD = "load"
"""The suite that asks as much as the deployment's clients do."""


def suite_of(path: Path) -> str:
    """The suite that a file or a folder is of: the folder below the last `suites` on its way; ALL for that itself."""
    parts = path.parts
    if SUITES not in parts:
        return ""
    below = parts[len(parts) - parts[::-1].index(SUITES) :]
    return below[0] if below else ALL


def shows(suite: str, promise: Promise) -> bool:
    """Whether that suite is the one that shows if the promise is kept."""
    if suite == AT_REST:
        return at_rest(promise)
    if suite in (DRILLS, LOAD):
        return of_drills(promise) if suite == DRILLS else of_load(promise)
    if suite == QUICK and any(kind in DEEP and needed for kind, needed in RULES[promise.rule].reads.items()):
        return False
    return not (of_files(promise) or of_drills(promise) or of_load(promise))
