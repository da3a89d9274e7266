"""Every file there is, with what it was taken for and how much of it was understood."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, Kind, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, or one block of a guide, as it was taken.

    `lines` is how long it is. `trouble` says what of it was not understood, "" when everything was; `broken` is
    whether that is its own fault: it is said to be YAML, JSON or the like, and is none. `ours` is whether anybody here
    would have read it: a picture would have told nothing. `spot` is where the trouble is.
    """

    name: str
    kind: Kind
    spot: Spot
    lines: int = 0
    trouble: str = ""
    broken: bool = False
    ours: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory(Artefacts):
    """Every file of a deployment, whether anything reads it or not.

    `repeated` are keys that stand twice in one table: such a file is understood, and means less than it says.
    """

    entries: tuple[Entry, ...]
    repeated: tuple[Trouble, ...] = ()

    @property
    def unknown(self) -> tuple[Entry, ...]:
        """The files of which something was not understood."""
        return tuple(entry for entry in self.entries if entry.trouble)
