"""A run of load before it begins: how many journeys begin when, and which of its seconds are judged."""

from __future__ import annotations

from dataclasses import dataclass

OPEN, CLOSED = "open", "closed"
"""Journeys begin on a schedule, whatever becomes of earlier ones; or each user begins one when the last has ended."""

TOGETHER = 5.0
"""Requests that a slip of a service befalls at once: judged as if each came alone, one service in seven whose failures
come in fives would pass at its limit of 0.1 % (simulated; docs/load-verdicts.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Some seconds at a rate of journeys a second that goes evenly from `rate` to `until`.

    In the closed model the rates are numbers of users. What is not `judged` is measured and shown, and no more.
    """

    name: str
    seconds: float
    rate: float
    until: float
    judged: bool = True

    @property
    def journeys(self) -> float:
        """How many are to begin."""
        return self.seconds * (self.rate + self.until) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Of the requests at most the share `bad` may be bad: not answered as they should be, or later than `limit`.

    `limit` is in nanoseconds, from the moment a request was due; 0 judges no time. `routes` are those that count, all
    without it; `classes` the kinds of failure that count (`status 5` is any status that begins so), all without it.
    """

    promise: str
    bad: float
    limit: int = 0
    routes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run asks. `limits` are latencies, in nanoseconds, at which requests are counted exactly.

    A request counts as within a limit when its latency is at most the limit. `most_open` bounds the journeys under way
    at a time: those beyond are dropped, and counted. A run may end early once every one of its `objectives` is decided
    (one that `ends_broken` as soon as one of them surely is broken), and not before its plan is done where it has none.
    The same `seed` gives the same schedule and the same journeys.
    As many failures as `together` count as one at the least, as a run that has seen none cannot know how they come.
    """

    phases: tuple[Phase, ...]
    limits: tuple[int, ...] = ()
    objectives: tuple[Objective, ...] = ()
    model: str = OPEN
    arrivals: str = "poisson"
    most_open: int = 10_000
    seed: int = 1
    together: float = TOGETHER
    ends_broken: bool = False

    @property
    def seconds(self) -> float:
        """From the first journey to the end of the last phase."""
        return sum(phase.seconds for phase in self.phases)


def steady(rate: float, seconds: float, *, warm_up: float = 0.0, name: str = "steady") -> tuple[Phase, ...]:
    """One rate, after some seconds of the same that are not judged."""
    before = (Phase(name="warm-up", seconds=warm_up, rate=rate, until=rate, judged=False),) if warm_up else ()
    return (*before, Phase(name=name, seconds=seconds, rate=rate, until=rate))


def ramp(start: float, end: float, seconds: float, *, name: str = "ramp") -> Phase:
    """A rate that goes evenly from one to another; it is not judged."""
    return Phase(name=name, seconds=seconds, rate=start, until=end, judged=False)


def steps(rates: tuple[float, ...], seconds: float, *, settle: float) -> tuple[Phase, ...]:
    """One steady level after the other; the first `settle` seconds of each are not judged."""
    found: list[Phase] = []
    for number, rate in enumerate(rates, 1):
        found += steady(rate, seconds, warm_up=settle, name=f"level {number}")
    return tuple(found)


def spike(base: float, peak: float, *, before: float, high: float, after: float) -> tuple[Phase, ...]:
    """A steady rate, suddenly another, and the first again."""
    return (
        Phase(name="before the spike", seconds=before, rate=base, until=base),
        Phase(name="spike", seconds=high, rate=peak, until=peak),
        Phase(name="after the spike", seconds=after, rate=base, until=base),
    )
