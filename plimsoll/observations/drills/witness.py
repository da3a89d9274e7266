"""What a client saw who wrote numbered rows and read while a drill went on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One numbered row. Times are seconds on the drill's clock; `acked` is None when nobody confirmed it.

    One was sent `again`, with the same key, when the server had closed the connection it went out on without a word.
    """

    number: int
    sent: float
    acked: float | None = None
    status: int | None = None
    trouble: str = ""
    version: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One look at the application by a reader. `good` is an answer that says what it said before.

    `version` is the release that answered, where the application tells; `fresh` is a look over a connection of its own,
    `again` one for which a second connection was needed, as the server had closed the first meanwhile.
    """

    at: float
    good: bool
    seconds: float = 0.0
    trouble: str = ""
    version: str = ""
    fresh: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a recovery lost and what it invented, by the numbers of rows.

    `missing` were confirmed before the disaster and are not there; `unconfirmed` nobody confirmed and they are there,
    which is no loss; `strangers` were never written. `newest` is the newest row that came back. `seconds` is the time
    between that row's confirmation and the disaster, 0 where nothing is missing.
    """

    missing: tuple[int, ...]
    unconfirmed: tuple[int, ...]
    strangers: tuple[int, ...]
    newest: Write | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """All that a witness wrote and read."""

    writes: tuple[Write, ...] = ()
    reads: tuple[Read, ...] = ()

    @property
    def acknowledged(self) -> tuple[Write, ...]:
        """The rows that somebody confirmed."""
        return tuple(write for write in self.writes if write.acked is not None)

    def failed(self, since: float, until: float) -> tuple[Write | Read, ...]:
        """What was asked between two moments and got no good answer."""
        writes = [write for write in self.writes if write.acked is None and since <= write.sent <= until]
        reads = [read for read in self.reads if not read.good and since <= read.at <= until]
        return (*writes, *reads)

    def asked(self, since: float, until: float) -> int:
        """How many requests were made between two moments."""
        writes = sum(1 for write in self.writes if since <= write.sent <= until)
        return writes + sum(1 for read in self.reads if since <= read.at <= until)

    def silence(self, since: float, until: float) -> float:
        """The longest time without a good answer, in seconds, between two moments."""
        good = [r.at + r.seconds for r in self.reads if r.good and since <= r.at <= until]
        good += [w.acked for w in self.writes if w.acked is not None and since <= w.sent <= until]
        moments = [since, *sorted(good), until] if good else [since, until]
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)

    def outage(self, after: float) -> tuple[float, float] | None:
        """The first failed read after a moment, and the first good one after that; None where none failed for good."""
        later = [read for read in self.reads if read.at >= after]
        failed = next((read.at for read in later if not read.good), None)
        if failed is None:
            return None
        good = next((read.at for read in later if read.good and read.at > failed), None)
        return None if good is None else (failed, good)

    def gap(self, loss: Loss, *, disaster: float) -> tuple[int, int] | None:
        """A row that is missing and one that is there although it was sent after the other was confirmed, if any.

        Only what was sent before the disaster counts.
        """
        missing = [w for w in self.acknowledged if w.number in set(loss.missing)]
        first = min(missing, key=lambda w: w.acked or 0.0, default=None)
        if first is None or first.acked is None:
            return None
        gone = {w.number for w in missing}
        later = [w for w in self.acknowledged if w.number not in gone and first.acked < w.sent < disaster]
        return (first.number, later[0].number) if later else None

    def loss(self, found: Collection[int], *, disaster: float) -> Loss:
        """What is lost when these rows are found after a disaster at that moment; later writes do not count."""
        there = set(found)
        before = [write for write in self.writes if write.sent < disaster]
        confirmed = [w for w in before if w.acked is not None]
        missing = tuple(w.number for w in confirmed if w.number not in there)
        back = [w for w in confirmed if w.number in there]
        newest = max(back, key=lambda w: w.acked or 0.0, default=None)
        since = newest.acked if newest is not None and newest.acked is not None else 0.0
        return Loss(
            missing=missing,
            unconfirmed=tuple(w.number for w in before if w.acked is None and w.number in there),
            strangers=tuple(sorted(there - {w.number for w in self.writes})),
            newest=newest,
            seconds=max(disaster - since, 0.0) if missing else 0.0,
        )
