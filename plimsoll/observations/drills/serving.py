"""From all that a witness saw to the figures that are kept of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, pairwise

from plimsoll.observations.drills.faults import DETAILED, LIVE, READY, Fault, FaultTrials, Sign
from plimsoll.observations.drills.rollouts import CLOSED, Change, Rolled
from plimsoll.observations.drills.served import Harm, Move, Served, Stretch, Voice
from plimsoll.observations.drills.stretches import ranges, width
from plimsoll.observations.drills.witness import Read, Testimony, Write

REASONS = 3
"""Reasons of failed requests that are kept, the commonest first."""

LONGEST_WORDS = 120
"""Characters of a reason, and of what a health endpoint said."""

UNDER_WAY = 0.5
"""Seconds that a request may have been under way when the application was killed that should have answered it."""

UNWELL = {"down", "error", "unhealthy", "fail", "failed", "unavailable", "degraded", "critical"}
"""What reports of health call a part that does not work (Terminus, Spring Boot, health+json)."""

FAILED, MEANT, ASTRAY = "failed", "meant", "astray"
"""What a failed request belongs to: something that was done, what was to make it fail, or nothing."""


def rolled(seen: Rolled) -> Served:
    """What clients were served while their releases changed."""
    closed = [(one.began, other.began) for one, other in pairwise(seen.changes) if one.meant == CLOSED]

    def place(at: float) -> str:
        if any(since <= at < until for since, until in closed):
            return MEANT
        if any(change.began <= at <= _until(seen, change) for change in seen.changes):
            return FAILED
        return MEANT if seen.control_at and at >= seen.control_at - UNDER_WAY else ASTRAY

    stretches, wide = _stretches(seen.testimony, place)
    return Served(
        changes=tuple(_move(seen, change, _until(seen, change)) for change in seen.changes),
        control_at=seen.control_at or None,
        control=seen.control,
        confirmed=len(seen.testimony.acknowledged),
        missing=ranges(seen.loss.missing) if seen.loss else None,
        doubled=ranges(seen.doubled),
        astray=_astray(seen.testimony, place),
        stretches=stretches,
        width=wide,
    )


def befallen(seen: FaultTrials) -> Served:
    """What clients were served while faults befell what serves them."""

    def place(at: float) -> str:
        there = (fault.began - UNDER_WAY <= at <= fault.over for fault in seen.faults)
        return FAILED if any(there) else ASTRAY

    stretches, wide = _stretches(seen.testimony, place)
    return Served(
        faults=tuple(_harm(seen, fault) for fault in seen.faults),
        confirmed=len(seen.testimony.acknowledged),
        missing=ranges(seen.loss.missing) if seen.loss else None,
        doubled=ranges(seen.doubled),
        astray=_astray(seen.testimony, place),
        queued=len(seen.queued),
        vanished=len(seen.vanished),
        skipped=dict(seen.skipped),
        stretches=stretches,
        width=wide,
    )


def _until(seen: Rolled, change: Change) -> float:
    """When a change is over: all is well, or, where nobody is to be served meanwhile, the next one begins."""
    later = min((each.began for each in seen.changes if each.began > change.began), default=change.ended)
    return later if change.meant == CLOSED else max(change.settled, change.ended)


def _move(seen: Rolled, change: Change, until: float) -> Move:
    failed = seen.testimony.failed(change.began, until)
    requests = [request for request in _requests(seen.testimony) if change.began <= request[0] <= until]
    met: dict[str, float] = {}
    for at, version, _ in requests:
        if version and version != change.before:
            met.setdefault(version, at)
    others = [at for at, version, _ in requests if version and version != change.after]
    since = [at for at, version, good in requests if good and version == change.after and at > max(others, default=0.0)]
    return Move(
        name=change.name,
        began=change.began,
        ended=change.ended,
        settled=change.settled,
        command=change.command,
        code=change.code,
        meant=change.meant,
        wanted=change.wanted,
        before=change.before,
        after=change.after,
        reached=min(since, default=None) if others else None,
        met=met,
        versions=dict(seen.versions(change)),
        asked=seen.testimony.asked(change.began, until),
        failed=len(failed),
        reasons=_reasons(failed),
        silence=seen.testimony.silence(change.began, until),
        trouble=change.trouble,
    )


def _harm(seen: FaultTrials, fault: Fault) -> Harm:
    failed = seen.failed(fault)
    return Harm(
        name=fault.name,
        what=fault.what,
        roles=fault.roles,
        landed=fault.landed,
        trouble=fault.trouble,
        began=fault.began,
        ended=fault.ended,
        healed=fault.healed,
        asked=seen.asked(fault),
        failed=len(failed),
        reasons=_reasons(failed),
        silence=seen.silence(fault),
        voices=tuple(_voices(seen, fault)),
    )


def _voices(seen: FaultTrials, fault: Fault) -> Iterator[Voice]:
    for question in (LIVE, READY, DETAILED):
        signs = seen.meanwhile(fault, question) if fault.landed else ()
        bad = [sign for sign in signs if not sign.well]
        if signs:
            said = _complaint(bad[-1])[:LONGEST_WORDS] if bad else ""
            yield Voice(question=question, asked=len(signs), well=len(signs) - len(bad), said=said)


def _complaint(sign: Sign) -> str:
    """What a health endpoint complains of: whom it names, or how it answered."""
    try:
        names = list(dict.fromkeys(_named(json.loads(sign.said))))
    except (ValueError, RecursionError):
        names = []
    how = sign.trouble or f"status {sign.status}"
    return f"{how}, it names {', '.join(names)}" if names else how


def _named(report: object) -> Iterator[str]:
    """The parts of a report that it calls unwell, by the key that each lies under or the name that it bears."""
    parts: list[tuple[object, object]] = []
    if isinstance(report, dict):
        parts = list(report.items())
    elif isinstance(report, list):
        parts = [(each.get("name"), each) for each in report if isinstance(each, dict)]
    for name, part in parts:
        state = part.get("status", part.get("state")) if isinstance(part, dict) else None
        if isinstance(state, str) and state.lower() in UNWELL and name:
            yield str(name)
        yield from _named(part)


def _reasons(failed: Iterable[Read | Write]) -> Mapping[str, int]:
    told = ((each.trouble or "answered something else than before")[:LONGEST_WORDS] for each in failed)
    return dict(Counter(told).most_common(REASONS))


def _requests(testimony: Testimony) -> Iterator[tuple[float, str, bool]]:
    """When each was sent, which release answered, and whether well; in the order in which they were sent."""
    found = [(write.sent, write.version, write.acked is not None) for write in testimony.writes]
    found += [(read.at, read.version, read.good) for read in testimony.reads]
    return iter(sorted(found))


def _astray(testimony: Testimony, place: Callable[[float], str]) -> int:
    return sum(not good and place(at) == ASTRAY for at, _, good in _requests(testimony))


def _stretches(testimony: Testimony, place: Callable[[float], str]) -> tuple[tuple[Stretch, ...], float]:
    """The requests counted in stretches of equal width; stretches without any are left out."""
    requests = list(_requests(testimony))
    if not requests:
        return (), 0.0
    wide, found = width(requests[-1][0]), []
    for number, together in groupby(requests, key=lambda request: int(request[0] / wide)):
        those = list(together)
        wrong = Counter(place(at) for at, _, good in those if not good)
        answered = Counter(version for _, version, good in those if good)
        found.append(
            Stretch(
                at=number * wide,
                answered=dict(answered),
                failed=wrong[FAILED] + wrong[ASTRAY],
                meant=wrong[MEANT],
            )
        )
    return tuple(found), wide
