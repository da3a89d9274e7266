"""How the generator of a load was itself: one that is busy, or late, says nothing of the service."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.statistics.histogram import Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One worker in one second: the share of one core that it used, sockets open, journeys and requests under way."""

    number: int
    cpu: float
    sockets: int = 0
    journeys: int = 0
    requests: int = 0
    collecting: int = 0
    """Nanoseconds of garbage collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """One worker of the generator. `lag` has how late journeys began, in nanoseconds; `lost`: it was heard no more."""

    name: str
    pulses: tuple[Pulse, ...] = ()
    lag: Histogram = field(default_factory=Histogram)
    lost: bool = False
