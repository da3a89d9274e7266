"""How a run is going, in one line: the rate, the good share with its interval, and how long until it is decided."""

from __future__ import annotations

from collections.abc import Iterable

from loadtests._arrivals import due, phase_of
from loadtests._deciding import Deciding
from loadtests._results import Results
from plimsoll.model.load import OPEN
from plimsoll.statistics.proportions import between

MILLISECOND = 1_000_000
COUNTED = 1_000_000
"""Arrivals that are counted beforehand, in a part of a second."""

SOON = 90.0
"""Seconds below which a time is told in seconds."""


class Progress:
    """Tells of one run, whenever it is asked to."""

    def __init__(self, results: Results, deciding: Deciding) -> None:
        self._results, self._deciding = results, deciding
        plan = results.order.plan
        self._asked_well = self._asked_all = 0
        few = sum(phase.journeys for phase in plan.phases) <= COUNTED
        self._due = due(plan) if plan.model == OPEN and few else {}

    def line(self, seconds: int) -> str:
        """The run after so many whole seconds."""
        results, plan = self._results, self._results.order.plan
        last = range(max(seconds - 3, 0), max(seconds - 1, 1))  # the last one is only being told
        begun, asked = sum(results.begun.get(second, 0) for second in last), self._asked(last)
        span = max(len(last), 1)
        parts = [f"{seconds} of {plan.seconds:g} s"]
        offered = sum(self._due.get(second, 0) for second in last)
        of = f" of {offered / span:.4g}" if self._due else ""
        parts.append(f"{begun / span:.4g}{of} journeys/s, {asked / span:.4g} requests/s")
        parts.append(self._good())
        parts.append(f"{sum(worker.open for worker in results.workers)} open")
        phase = phase_of(plan, max(seconds - 1, 0))
        parts.append(self._until(asked / span) if phase is None or phase.judged else f"{phase.name}: not judged")
        return " | ".join(part for part in parts if part)

    def _asked(self, seconds: Iterable[int]) -> int:
        rows = self._results.totals
        routes = range(len(self._results.order.workload.routes))
        found = [rows[second, route] for second in seconds for route in routes if (second, route) in rows]
        return sum(total.good + sum(total.bad.values()) for total in found)

    def settle(self, second: int) -> None:
        """One judged second more, all of whose requests have ended."""
        limited = bool(self._results.order.plan.limits)
        for route in range(len(self._results.order.workload.routes)):
            if total := self._results.totals.get((second, route)):
                self._asked_well += total.within[0] if limited else total.good
                self._asked_all += total.good + sum(total.bad.values())

    def _good(self) -> str:
        plan, of, good = self._results.order.plan, self._asked_all, self._asked_well
        if not of:
            return ""
        low, high = between(of - good, of)
        within = f" within {plan.limits[0] / MILLISECOND:g} ms" if plan.limits else ""
        return f"{good / of:.3%} good{within} ({1 - high:.3%} to {1 - low:.3%})"

    def _until(self, rate: float) -> str:
        if not self._deciding.open:
            return "decided" if self._deciding.decided else ""
        more = self._deciding.more()
        if more is None or not rate:
            return f"{len(self._deciding.open)} undecided"
        left = more / rate
        return f"decided in {left:.0f} s" if left < SOON else f"decided in {left / 60:.0f} min"
