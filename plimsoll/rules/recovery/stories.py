"""What rules tell of a drill: what went wrong in it first, and the lines of its journal that show it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.observations.drills import Drilled, Entry, Recovered

LAST_LINES = 3
"""Of what a command said."""


def trouble_of(seen: Recovered) -> str:
    """Why the recovery did not succeed; nothing where it did."""
    return broken_off(seen) or ("" if seen.healthy else "the application does not serve what it served before")


def broken_off(seen: Recovered) -> str:
    """Why the recovery came to no end; nothing where it did, well or not."""
    failed = seen.journal.failed
    return said_of(failed) if failed is not None else seen.trouble


def said_of(entry: Entry) -> str:
    """A command that failed, and its last words."""
    words = " / ".join(line.strip() for line in entry.output.strip().splitlines()[-LAST_LINES:])
    return f"`{entry.what}` ended with {entry.code}: {words or 'it said nothing'}"


def evidence(seen: Drilled) -> Sequence[str]:
    """The phases and the commands of a drill, one line each."""
    phases = [f"{phase.started:.1f} s: {phase.name}, {phase.seconds:.1f} s" for phase in seen.journal.phases]
    commands = [f"{entry.at:.1f} s: {entry.what} ended with {entry.code}" for entry in seen.journal.commands]
    return [*phases, *commands]


def where(seen: Drilled) -> str:
    """Where to read more."""
    return f"the timeline of the drill {seen.journal.drill!r} has every command and what it said"
