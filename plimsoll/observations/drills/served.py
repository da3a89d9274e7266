"""What clients were served while something changed or broke under traffic: facts, few enough to be kept for years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.observations.drills.rollouts import CLOSED, KEPT, KILLED, REFUSED, SHARED
from plimsoll.observations.drills.stretches import Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What became of the requests that were sent within one stretch of time.

    `answered` well, by the release that did; `failed`; failed as was `meant`, by the control or while all was closed.
    """

    at: float
    answered: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    meant: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One change in figures, from `began` until all was well again, `settled` (0 where it did not come to that).

    Clients had the release `before` and have `after`; since `reached` they have had no other. `versions` is how many
    answers came from which release, `met` when one of them that clients had not had answered first. `silence` is the
    longest time without a good answer, in seconds; `reasons` counts failures by why; `meant` as in `Change`.
    """

    name: str
    began: float
    ended: float
    settled: float = 0.0
    command: str = ""
    code: int | None = None
    meant: str = ""
    wanted: str = ""
    before: str = ""
    after: str = ""
    reached: float | None = None
    met: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    asked: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    silence: float = 0.0
    trouble: str = ""

    @property
    def killed(self) -> bool:
        """Whether its command was killed half-way on purpose: clients may have one release or the other."""
        return self.meant == KILLED

    @property
    def tried(self) -> bool:
        """Whether it should have ended with an error."""
        return self.meant in (REFUSED, KILLED)

    @property
    def shared(self) -> bool:
        """Whether only some clients should have got another release."""
        return self.meant == SHARED

    @property
    def closed(self) -> bool:
        """Whether nobody should have been served since then, until the next change."""
        return self.meant == CLOSED

    @property
    def due(self) -> str:
        """The release that clients should have afterwards; "" where any will do."""
        if self.killed or self.shared or self.closed:
            return ""
        return self.before if self.meant in (REFUSED, KEPT) else self.wanted

    @property
    def good(self) -> bool:
        """Whether it did what it should: it went through, or was refused and clients have what they had."""
        if self.trouble or bool(self.code) != self.tried:
            return False
        if self.shared or self.closed:
            return True
        return bool(self.settled) and self.due in ("", self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What a health endpoint said while a fault was there: how often it was asked and said that all is well.

    `said` is the last that it said when it did not.
    """

    question: str
    asked: int = 0
    well: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One fault in figures, from `began` to `ended`; since `healed` clients were all served well (0: not by itself).

    `landed` says by what it is known that it was there; `silence` and `reasons` as in `Move`.
    """

    name: str
    what: str = ""
    roles: tuple[str, ...] = ()
    landed: str = ""
    trouble: str = ""
    began: float
    ended: float
    healed: float = 0.0
    asked: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    silence: float = 0.0
    voices: tuple[Voice, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it was there, and all was well afterwards without anybody's help."""
        return bool(self.landed and self.healed) and not self.trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """All that clients were served. `control` is how many requests failed as the application was killed on purpose.

    `confirmed` counts the rows that somebody confirmed; `missing` are those that are not there, None where nobody could
    count them; `doubled` those that are there twice. `astray` counts requests that failed while nothing was done. Of
    the `queued` jobs so many `vanished`; `skipped` says of faults why they were not tried.
    """

    changes: tuple[Move, ...] = ()
    faults: tuple[Harm, ...] = ()
    control_at: float | None = None
    control: int = 0
    confirmed: int = 0
    missing: Ranges | None = None
    doubled: Ranges = ()
    astray: int = 0
    queued: int = 0
    vanished: int = 0
    skipped: Mapping[str, str] = field(default_factory=dict)
    stretches: tuple[Stretch, ...] = ()
    width: float = 0.0

    @property
    def parts(self) -> tuple[Move | Harm, ...]:
        """All that was done."""
        return (*self.changes, *self.faults)

    @property
    def releases(self) -> tuple[str, ...]:
        """Those that answered, in the order in which clients met them."""
        return tuple(dict.fromkeys(version for stretch in self.stretches for version in stretch.answered))

    @property
    def counted(self) -> bool:
        """Whether it is known that failures are counted: some were, when there had to be some."""
        return self.control > 0 or any(harm.failed for harm in self.faults)

    @property
    def good(self) -> bool:
        """Whether every change did what it should, every fault healed, nothing is lost, and failures were counted."""
        lost = self.missing != () or self.doubled or self.vanished
        return bool(self.parts) and all(part.good for part in self.parts) and not lost and self.counted
