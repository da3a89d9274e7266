"""What clients were served while something changed under traffic: facts, few enough to be kept for years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from plimsoll.observations.drills.rollouts import Change, Rolled
from plimsoll.observations.drills.stretches import Ranges, ranges, width
from plimsoll.observations.drills.witness import Read, Testimony, Write

REASONS = 3
"""Reasons of failed requests that are kept, the commonest first."""

LONGEST_REASON = 120
"""Characters of a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What became of the requests that were sent within one stretch of time.

    `answered` well, by the release that did; `failed`; failed because of the `control`, which is on purpose.
    """

    at: float
    answered: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    control: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change in figures, from `began` until all was well again, `settled` (0 where it did not come to that).

    Clients had the release `before` and have `after`; since `reached` they have had no other. `versions` is how many
    answers came from which release, `met` when one of them that clients had not had answered first. `tried`: it should
    have ended with an error; `shared`: only some clients should have got another release. `silence` is the longest time
    without a good answer, in seconds.
    """

    name: str
    began: float
    ended: float
    settled: float = 0.0
    command: str = ""
    code: int | None = None
    tried: bool = False
    shared: bool = False
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
        """Whether the command was killed before it came to its end: clients have one release or the other."""
        return self.code is not None and self.code < 0

    @property
    def good(self) -> bool:
        """Whether it did what it should: it went through, or was refused and clients have what they had."""
        if self.shared:
            return not self.trouble and not self.code
        if self.trouble or not self.settled:
            return False
        if self.tried:
            return bool(self.code) and (self.killed or self.after == self.before)
        return not self.code and self.wanted in ("", self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """All that clients were served. `control` is how many requests failed as the application was killed on purpose.

    `confirmed` counts the rows that somebody confirmed; `missing` are those that are not there, None where nobody could
    count them; `doubled` those that are there twice. `astray` counts requests that failed while nothing was changed.
    """

    steps: tuple[Step, ...] = ()
    control_at: float | None = None
    control: int = 0
    confirmed: int = 0
    missing: Ranges | None = None
    doubled: Ranges = ()
    astray: int = 0
    stretches: tuple[Stretch, ...] = ()
    width: float = 0.0

    @property
    def releases(self) -> tuple[str, ...]:
        """Those that answered, in the order in which clients met them."""
        return tuple(dict.fromkeys(version for stretch in self.stretches for version in stretch.answered))

    @property
    def good(self) -> bool:
        """Whether every change did what it should, no row is lost, and failures would have been noticed."""
        rows = self.missing == () and not self.doubled
        return bool(self.steps) and all(step.good for step in self.steps) and rows and self.control > 0


def served(seen: Rolled) -> Served:
    """What clients were served while their releases changed."""
    stretches, wide = _stretches(seen)
    numbers = {write.number for write in seen.testimony.acknowledged}
    return Served(
        steps=tuple(_step(seen, change) for change in seen.changes),
        control_at=seen.control_at or None,
        control=seen.control,
        confirmed=len(numbers),
        missing=ranges(seen.loss.missing) if seen.loss else None,
        doubled=ranges(seen.doubled),
        astray=sum(_place(seen, at) == "astray" for at, _, good in _requests(seen.testimony) if not good),
        stretches=stretches,
        width=wide,
    )


def _step(seen: Rolled, change: Change) -> Step:
    until, failed = max(change.settled, change.ended), seen.failed(change)
    requests = [request for request in _requests(seen.testimony) if change.began <= request[0] <= until]
    met: dict[str, float] = {}
    for at, version, _ in requests:
        if version and version != change.before:
            met.setdefault(version, at)
    others = [at for at, version, _ in requests if version and version != change.after]
    since = [at for at, version, good in requests if good and version == change.after and at > max(others, default=0.0)]
    return Step(
        name=change.name,
        began=change.began,
        ended=change.ended,
        settled=change.settled,
        command=change.command,
        code=change.code,
        tried=change.tried,
        shared=change.shared,
        wanted=change.wanted,
        before=change.before,
        after=change.after,
        reached=min(since, default=None) if others else None,
        met=met,
        versions=dict(seen.versions(change)),
        asked=seen.asked(change),
        failed=len(failed),
        reasons=dict(Counter(_reason(each) for each in failed).most_common(REASONS)),
        silence=seen.silence(change),
        trouble=change.trouble,
    )


def _reason(request: Read | Write) -> str:
    return (request.trouble or "answered something else than before")[:LONGEST_REASON]


def _requests(testimony: Testimony) -> Iterator[tuple[float, str, bool]]:
    """When each was sent, which release answered, and whether well; in the order in which they were sent."""
    found = [(write.sent, write.version, write.acked is not None) for write in testimony.writes]
    found += [(read.at, read.version, read.good) for read in testimony.reads]
    return iter(sorted(found))


def _place(seen: Rolled, at: float) -> str:
    """What a request that failed at that moment belongs to: a change, the control, or neither."""
    if any(change.began <= at <= max(change.settled, change.ended) for change in seen.changes):
        return "failed"
    return "control" if seen.control_at and at >= seen.control_at else "astray"


def _stretches(seen: Rolled) -> tuple[tuple[Stretch, ...], float]:
    """The requests counted in stretches of equal width; stretches without any are left out."""
    requests = list(_requests(seen.testimony))
    if not requests:
        return (), 0.0
    wide, found = width(requests[-1][0]), []
    for number, together in groupby(requests, key=lambda request: int(request[0] / wide)):
        those = list(together)
        wrong = Counter(_place(seen, at) for at, _, good in those if not good)
        answered = Counter(version for _, version, good in those if good)
        found.append(
            Stretch(
                at=number * wide,
                answered=dict(answered),
                failed=wrong["failed"] + wrong["astray"],
                control=wrong["control"],
            )
        )
    return tuple(found), wide
