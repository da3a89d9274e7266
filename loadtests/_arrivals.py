"""When journeys begin in the open model: one schedule, the same for however many workers share it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from plimsoll.model.load import Phase, Plan

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One phase on the axis of journeys: it begins at `start` seconds, when `before` journeys are expected to have."""

    start: float
    before: float
    phase: Phase

    @property
    def after(self) -> float:
        """How many are expected to have begun at its end."""
        return self.before + self.phase.journeys

    def moment(self, expected: float) -> float:
        """The second at which so many journeys are expected to have begun."""
        phase, rest = self.phase, expected - self.before
        slope = (phase.until - phase.rate) / phase.seconds
        if slope == 0:
            return self.start + rest / phase.rate
        root = math.sqrt(max(phase.rate**2 + 2 * slope * rest, 0.0))
        return self.start + min(2 * rest / (phase.rate + root), phase.seconds)


def pieces(phases: Sequence[Phase]) -> tuple[Piece, ...]:
    """The phases one after the other; those without length are left out."""
    found: list[Piece] = []
    start = before = 0.0
    for phase in phases:
        if phase.seconds > 0:
            found.append(Piece(start, before, phase))
            start, before = start + phase.seconds, before + phase.journeys
    return tuple(found)


def arrivals(plan: Plan) -> Iterator[tuple[int, float]]:
    """Every arrival of the plan: nanoseconds after its start, and a number from 0 to 1 that chooses the journey.

    Poisson arrivals come from a process of rate one whose time is stretched by the expected count (time-rescaling;
    Cox and Lewis 1966), constant ones in the middle of each journey's share.
    """
    random = Random(plan.seed)  # noqa: S311 - a schedule that can be repeated, no secret
    draw, log = random.random, math.log
    constant = plan.arrivals == "constant"
    expected = 0.5 if constant else -log(1.0 - draw())
    for piece in pieces(plan.phases):
        end, moment = piece.after, piece.moment
        while expected < end:
            yield int(moment(expected) * SECOND), draw()
            expected += 1.0 if constant else -log(1.0 - draw())


def shared(plan: Plan, index: int, of: int) -> Iterator[tuple[int, int, float]]:
    """The arrivals of one worker among several, with their numbers in the whole: every `of`-th, from `index` on."""
    for number, (moment, chance) in enumerate(arrivals(plan)):
        if number % of == index:
            yield number, moment, chance


def due(plan: Plan, *, until: int | None = None) -> dict[int, int]:
    """How many journeys are to begin in each second of the plan, up to so many nanoseconds after its start."""
    counts: dict[int, int] = {}
    for moment, _ in arrivals(plan):
        if until is not None and moment >= until:
            break
        second = moment // SECOND
        counts[second] = counts.get(second, 0) + 1
    return counts


def phase_of(plan: Plan, second: int) -> Phase | None:
    """The phase of a whole second; one that two phases share is judged only if both are; None after the end."""
    found = [piece.phase for piece in pieces(plan.phases) if piece.start < second + 1 and second < _end(piece)]
    unjudged = [phase for phase in found if not phase.judged]
    return next(iter(unjudged or found), None)


def _end(piece: Piece) -> float:
    return piece.start + piece.phase.seconds
