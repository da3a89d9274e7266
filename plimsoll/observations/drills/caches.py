"""What a drill brings back that loses Redis and restores it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.observations.drills.census import Difference
from plimsoll.observations.drills.recovered import Recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRecovery(Recovered):
    """Redis from a snapshot of itself that was taken while clients wrote, after it and its data were lost.

    The testimony is of numbered keys, and `changed` of keys of every type that nobody touched meanwhile. `appends` is
    whether the server writes an append-only file, as it was before and as it is after the restore. `crashed` is what
    was not as before after the server had been killed a second after the last write, None where that was not tried;
    `forgotten` is what was restored and is gone once the server was killed again.
    """

    appends: bool = False
    appends_again: bool = False
    crashed: tuple[Difference, ...] | None = None
    forgotten: tuple[Difference, ...] = ()
