"""Files that are what they seem."""

from __future__ import annotations

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Entry, Inventory, Kind

__all__ = ["files_understood", "keys_unique"]

MEND = "mend it, or give it another name"


def files_understood(promise: Promise, inventory: Inventory) -> Finding:
    """Every file that says what it is could be read as that; none was passed over in silence.

    A file that is broken breaks the promise. One that nobody but its own tool can read (a template, a binary, something
    larger than anybody writes) is named, and nobody can tell of it; what no rule reads at all is listed as `other`.
    """
    expected = "files that are what they are said to be"
    broken = [entry for entry in inventory.entries if entry.broken]
    finding = promise.judged(
        [Hole(spot=entry.spot, what=f"{_named(entry)}{entry.trouble}", fix=MEND) for entry in broken],
        looked=[f"{entry.name}: {entry.kind}" for entry in inventory.entries],
        expected=expected,
        hint=MEND,
        nothing="there is no file",
    )
    closed = [entry for entry in inventory.unknown if entry.ours and not entry.broken]
    if broken or not closed:
        return finding
    more = f", and {len(closed) - 1} more" if len(closed) > 1 else ""
    return promise.unknown(
        f"{closed[0].spot}: {_named(closed[0])}{closed[0].trouble}{more}",
        expected=expected,
        actual=f"{len(closed)} of {len(inventory.entries)} were not understood",
        hint="judge what it is made into, or leave it out of the folder",
        evidence=[f"{entry.spot}: {_named(entry)}{entry.trouble}" for entry in closed],
    )


def keys_unique(promise: Promise, inventory: Inventory) -> Finding:
    """No key stands twice in one table of a YAML or JSON file: readers keep the last, or refuse all of it."""
    trees = [e for e in inventory.entries if e.kind not in (Kind.OTHER, Kind.UNREADABLE, Kind.TEMPLATE)]
    return promise.judged(
        [Hole(spot=trouble.spot, what=trouble.what, fix="keep one of the two") for trouble in inventory.repeated],
        looked=[entry.name for entry in trees],
        expected="every key once",
        nothing="no file holds tables",
    )


def _named(entry: Entry) -> str:
    """The file's own name, where a person looks it up under another."""
    return "" if entry.spot.file == entry.name else f"{entry.name} "
