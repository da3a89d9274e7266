"""How findings tell of what a cloud's stand-in showed: as configuration, and as no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.drills import Asked, Deed, SnapshotRecovery

CAVEAT = (
    "configuration-only evidence: moto keeps what it is told and answers at once; that data is copied, that a standby"
    " takes over and how long it takes is shown by the cloud alone"
)
"""What every finding on a stand-in begins its evidence with."""

SHOWN = ("PreSignedUrl", "Version")
"""Parameters that say nothing to a reader, and the first of them far too much."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is not as promised, what to do, and where that stands in files, if it does."""

    what: str
    fix: str
    spot: Spot | None = None

    def __str__(self) -> str:
        return f"{self.spot}: {self.what}" if self.spot else self.what


def failed(deed: Deed) -> Flaw:
    """A command that did not end well, with its last words."""
    return Flaw(f"`{deed.command}` ended with {deed.code}: {deed.words}", "the drill's timeline has all that it said")


def told(
    promise: Promise,
    seen: SnapshotRecovery,
    flaws: Sequence[Flaw],
    *,
    expected: str,
    actual: str,
    deeds: Sequence[str],
    where: Spot | None = None,
) -> Finding:
    """The finding: broken by the first flaw, or kept; the deeds of these names are its evidence.

    `where` is the file that flaws belong to which stand nowhere themselves.
    """
    lines = [line for deed in seen.deeds if deed.name in deeds for line in _story(deed)]
    if flaws:
        more = f", and {len(flaws) - 1} more" if len(flaws) > 1 else ""
        return promise.broken(
            expected=expected,
            actual=f"{len(flaws)} not as expected (configuration only)",
            message=f"{flaws[0]}{more}",
            hint=flaws[0].fix,
            evidence=[CAVEAT, *map(str, flaws), *lines],
            holes=[Hole(spot=spot, what=f.what, fix=f.fix) for f in flaws if (spot := f.spot or where)],
        )
    return promise.kept(expected=expected, actual=f"{actual} (configuration only)", evidence=[CAVEAT, *lines])


def untold(promise: Promise, seen: SnapshotRecovery, act: str, *, expected: str) -> Finding:
    """Nothing was seen of that act: the drill came to an end before, or the runbook does not name it."""
    why = seen.trouble or f"the runbook does not say how to {act.replace('-', ' ')}"
    return promise.unknown(why, expected=expected, hint=f'[recovery.runbook] {act} = "…"', evidence=[CAVEAT])


def _story(deed: Deed) -> Sequence[str]:
    return [f"`{deed.command}` ended with {deed.code}: {deed.words}", *map(_call, deed.asked)]


def _call(asked: Asked) -> str:
    words = [f"{name}={value}" for name, value in asked.parameters.items() if name not in SHOWN]
    return f"{asked.action} in {asked.region}: {', '.join(words)}"
