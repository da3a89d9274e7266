"""Whether a run knows enough: each of its objectives, after each second in which every request has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from loadtests._tallies import Total
from plimsoll.model import Outcome
from plimsoll.model.load import Objective, Plan
from plimsoll.statistics.stopping import Anytime

Rows = Mapping[tuple[int, int], Total]


class Deciding:
    """The objectives of a plan on the way; a run without any is never decided."""

    def __init__(self, plan: Plan, routes: tuple[str, ...]) -> None:
        self._plan, self._routes = plan, routes
        count = max(len(plan.objectives), 1)
        self._more: dict[str, int | None] = {}
        self._turn = 0
        self._each = [(it, Anytime(limit=it.bad, objectives=count, assumed=plan.together)) for it in plan.objectives]

    def feed(self, second: int, totals: Rows) -> None:
        """One judged second more, all of whose requests have ended."""
        for objective, anytime in self._each:
            rows = [(route, totals.get((second, route))) for route in range(len(self._routes))]
            bad, of = counted(self._plan, objective, self._routes, rows)
            anytime.feed(bad, of)

    @property
    def decided(self) -> bool:
        """Whether nothing is open any more; or, where that ends the run, one objective is broken."""
        if self._plan.ends_broken and any(anytime.outcome is Outcome.FAIL for _, anytime in self._each):
            return True
        return bool(self._each) and all(_decided(anytime) for _, anytime in self._each)

    @property
    def open(self) -> tuple[Objective, ...]:
        """What is not decided yet."""
        return tuple(objective for objective, anytime in self._each if not _decided(anytime))

    def estimate(self) -> None:
        """Of one objective, the next in turn, how many more requests would decide it, if its share of bad ones stays.

        One at a time, as each takes some milliseconds in which a process that asks alone asks nobody.
        """
        undecided = [(objective.promise, anytime) for objective, anytime in self._each if not _decided(anytime)]
        if undecided:
            promise, anytime = undecided[self._turn % len(undecided)]
            self._more[promise] = anytime.judgement.more
            self._turn += 1

    def more(self) -> int | None:
        """How many more requests would decide all; None for nobody knows how many."""
        found = [self._more.get(objective.promise) for objective in self.open]
        known = [count for count in found if count is not None]
        return max(known, default=0) if len(known) == len(found) else None


def _decided(anytime: Anytime) -> bool:
    return anytime.outcome is not Outcome.UNKNOWN


def counted(
    plan: Plan, objective: Objective, routes: tuple[str, ...], totals: Iterable[tuple[int, Total | None]]
) -> tuple[int, int]:
    """How many requests were bad by the objective, of how many that it counts."""
    bad = of = 0
    for route, total in totals:
        if total is None or (objective.routes and routes[route] not in objective.routes):
            continue
        failed = _failed(total.bad, objective.classes)
        of += total.good + sum(total.bad.values())
        if objective.limit and objective.limit in plan.limits:
            bad += total.good - total.within[plan.limits.index(objective.limit)]
        bad += failed
    return bad, of


def _failed(bad: Counter[str], classes: tuple[str, ...]) -> int:
    return sum(count for name, count in bad.items() if not classes or name.startswith(classes))
