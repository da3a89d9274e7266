"""Two runs of the same load beside each other: is the second worse, better, or is no difference shown?

Every comparison is a test of its own, so all of them together are wrong as rarely as one would be (Bonferroni). What
comes together counts as fewer, as it does in a verdict (`plimsoll.statistics.clumping`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plimsoll.observations.load import LoadRun, Tally
from plimsoll.rules.slo.events import counted, percent
from plimsoll.rules.slo.soundness import unsound
from plimsoll.statistics.clumping import Windows
from plimsoll.statistics.comparing import Difference, percentiles, shares, slower
from plimsoll.statistics.histogram import Histogram, merged

SURE = 0.95
PERCENTILES = (0.5, 0.95, 0.99)
OF_ROUTES = 0.95
"""The percentile that each route is compared by too."""

MARGIN = 0.05
"""Share by which a time may be longer before that is called worse. A choice: with enough requests any two runs differ
for certain by something, and a twentieth is what nobody notices.
"""

ALL = "all times"
MILLISECOND, SECOND = 1e6, 1000
POINT = 100


WORSE, BETTER, SAME, UNKNOWN = "worse", "better", "no difference shown", "could not tell"
"""What a comparison says of the second run."""

HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both runs: what it is, what the second's does, and the sentence.

    One that is `minor`, p99 or a route's own, often has too few requests: that it could not tell decides nothing.
    """

    what: str
    change: str
    says: str
    minor: bool = False


def differ(first: LoadRun, second: LoadRun) -> str:
    """Why the runs cannot be compared, "" where they can: they were not asked the same."""
    for what, one, other in (
        ("deployments", first.deployment, second.deployment),
        ("models", first.plan.model, second.plan.model),
        ("arrivals", first.plan.arrivals, second.plan.arrivals),
        ("routes", _listed(first.routes), _listed(second.routes)),
        ("rates", _rates(first), _rates(second)),
    ):
        if one != other:
            return f"their {what} differ: {one or 'none'}, and {other or 'none'}"
    return ""


def void(run: LoadRun) -> str:
    """Why a run says nothing of the service, "" where it does."""
    return unsound(run)


def compared(first: LoadRun, second: LoadRun, *, margin: float = MARGIN) -> tuple[Compared, ...]:
    """Failures, requests that were late, times: of all requests, and of each route where there are several."""
    limits = sorted({*first.plan.limits} & {*second.plan.limits})
    routes = [(), *((route,) for route in first.routes)] if len(first.routes) > 1 else [()]
    tests = len(routes) * (2 + len(limits)) + len(PERCENTILES)
    pair = _Pair(first=first, second=second, sure=1 - (1 - SURE) / tests, margin=margin)
    found = [pair.share("failed", _failed, ())]
    found += [pair.share(f"not answered well within {_time(limit)}", _late(limit), ()) for limit in limits]
    found += [replace(pair.percentile(share, ()), minor=share > OF_ROUTES) for share in PERCENTILES]
    found.append(pair.whole())
    all_of_them = len(found)
    for route in routes[1:]:
        found.append(pair.share("failed", _failed, route))
        found += [pair.share(f"not answered well within {_time(limit)}", _late(limit), route) for limit in limits]
        found.append(pair.percentile(OF_ROUTES, route))
    return (*found[:all_of_them], *(replace(each, minor=True) for each in found[all_of_them:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Both runs, and how sure one has to be of each comparison."""

    first: LoadRun
    second: LoadRun
    sure: float
    margin: float

    def share(self, words: str, bad: Callable[[Tally], int], routes: Sequence[str]) -> Compared:
        """Of all requests those that were bad."""
        one, two = (counted(run, bad, routes) for run in (self.first, self.second))
        what = f"{' '.join(routes)} {words}".strip()
        clumping = (one.clumping.factor, two.clumping.factor)
        found = shares((one.bad, one.of), (two.bad, two.of), sure=self.sure, clumping=clumping)
        before, after = (percent(run.bad / run.of) for run in (one, two))
        return _told(what, before, after, found, unit=lambda value: f"{value * POINT:.3g} points")

    def percentile(self, share: float, routes: Sequence[str]) -> Compared:
        """A percentile of those that were answered well; less than the margin is no matter."""
        one, two = _latencies(self.first, routes), _latencies(self.second, routes)
        name = " ".join((*routes, f"p{share * POINT:g}"))
        if not one.count or not two.count:
            return Compared(what=name, change=UNKNOWN, says=f"{name}: {UNKNOWN}, nothing was answered well")
        clumping = (_clumping(self.first, one, share, routes), _clumping(self.second, two, share, routes))
        found = percentiles(one, two, share, sure=self.sure, clumping=clumping)
        before, after = (bucket.high if (bucket := values.percentile(share)) else 0 for values in (one, two))
        return _told(name, _time(before), _time(after), found, unit=_time, room=self.margin * before)

    def whole(self) -> Compared:
        """All times at once: whether one of the second run is longer than one of the first, stretched by the margin."""
        one, two = _latencies(self.first, ()), _latencies(self.second, ())
        if not one.count or not two.count:
            return Compared(what=ALL, change=UNKNOWN, says=f"{ALL}: {UNKNOWN}, nothing was answered well")
        clumping = (_clumping(self.first, one, HALF, ()), _clumping(self.second, two, HALF, ()))
        above = slower(_stretched(one, 1 + self.margin), two, sure=self.sure, clumping=clumping)
        below = slower(one, _stretched(two, 1 + self.margin), sure=self.sure, clumping=clumping)
        plain = slower(one, two, sure=self.sure, clumping=clumping)
        change = SAME if plain.visible < HALF else UNKNOWN
        if above.shown and above.chance > HALF:
            change = WORSE
        elif below.shown and below.chance < HALF:
            change = BETTER
        says = f"an answer of B takes longer than one of A in {percent(plain.chance)} of pairs: {change}"
        seen = f" (beyond {self.margin:.0%}; {percent(HALF + plain.visible)} would have been seen)"
        return Compared(what=ALL, change=change, says=says + (seen if change is SAME else ""))


def _told(
    what: str, before: str, after: str, found: Difference, *, unit: Callable[[float], str], room: float = 0.0
) -> Compared:
    """The sentence of a difference; what is above `room` for certain is worse, below its negative better."""
    head = f"{what}: {before} in A, {after} in B"
    if found.low is None or found.high is None:
        return Compared(what=what, change=UNKNOWN, says=f"{head}: {UNKNOWN}, too few requests for bounds")
    between = f"between {unit(abs(found.low))} {_way(found.low)} and {unit(abs(found.high))} {_way(found.high)}"
    if found.low > room:
        return Compared(what=what, change=WORSE, says=f"{head}: {WORSE}, {between}")
    if found.high < -room:
        return Compared(what=what, change=BETTER, says=f"{head}: {BETTER}, {between}")
    if found.shown:
        return Compared(what=what, change=SAME, says=f"{head}: a difference of no matter, {between}")
    visible = f"{unit(found.visible)} more would have been seen" if found.visible else "none could have been seen"
    return Compared(what=what, change=SAME, says=f"{head}: {SAME} ({visible})")


def _way(value: float) -> str:
    return "more" if value >= 0 else "less"


def _latencies(run: LoadRun, routes: Sequence[str]) -> Histogram:
    return merged(tally.latency for tally in run.judged(*routes))


def _clumping(run: LoadRun, values: Histogram, share: float, routes: Sequence[str]) -> float:
    """How many requests beyond a percentile count as one: those of slow seconds come together."""
    edge = values.percentile(share)
    windows = Windows()
    for window in run.windows if edge else ():
        if window.judged and edge:
            here = merged(tally.latency for tally in window.tallies if not routes or tally.route in routes)
            windows.add(here.above(edge.high)[0], here.count)
    return windows.clumping.factor


def _stretched(values: Histogram, factor: float) -> Histogram:
    """The same, each value that many times as long."""
    longer = Histogram()
    for bucket in values:
        longer.add(round((bucket.low + bucket.high) / 2 * factor), bucket.count)
    return longer


def _failed(tally: Tally) -> int:
    return sum(tally.bad.values())


def _late(limit: int) -> Callable[[Tally], int]:
    return lambda tally: tally.asked - tally.within.get(limit, 0)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names))


def _rates(run: LoadRun) -> str:
    """The judged phases that were reached, with their rates: what was planned and never begun is no difference."""
    reached = {window.phase for window in run.windows if window.judged}
    phases = [phase for phase in run.plan.phases if phase.judged and phase.name in reached]
    return ", ".join(f"{phase.name} {phase.rate:g} to {phase.until:g} a second" for phase in phases)


def _time(nanoseconds: float) -> str:
    figure = nanoseconds / MILLISECOND
    return f"{figure:.3g} ms" if figure < SECOND else f"{figure / SECOND:.3g} s"
