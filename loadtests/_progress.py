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
        parts.append(self._good(seconds))
        parts.append(f"{sum(worker.open for worker in results.workers)} open")
        phase = phase_of(plan, max(seconds - 1, 0))
        parts.append(self._until(asked / span) if phase is None or phase.judged else f"{phase.name}: not judged")
        return " | ".join(part for part in parts if part)

    def _asked(self, seconds: Iterable[int]) -> int:
        wanted = set(seconds)
        return sum(t.good + sum(t.bad.values()) for (at, _), t in self._results.totals.items() if at in wanted)

    def _good(self, seconds: int) -> str:
        plan = self._results.order.plan
        judged = {second for second in range(seconds) if (phase := phase_of(plan, second)) and phase.judged}
        rows = [total for (second, _), total in self._results.totals.items() if second in judged]
        of = sum(total.good + sum(total.bad.values()) for total in rows)
        if not of:
            return ""
        good = sum(total.within[0] if plan.limits else total.good for total in rows)
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
