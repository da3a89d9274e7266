"""A run ends as soon as its verdict is proven, and the looks on the way cost no error.

Two accumulators, fed (bad, of) window by window; `feed` answers PASS, FAIL or, to go on, UNKNOWN. What was once decided
stays. `Anytime` is the default: it needs no length beforehand, may be looked at ever so often and stopped at any
moment, and its bounds hold all along. `Curtailed` is for a run whose length is fixed: it decides with fewer events at
the end, and before it only where the end can no longer change; failures show early, a pass hardly ever.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from plimsoll.model import Outcome
from plimsoll.statistics.beta import at_least, at_most
from plimsoll.statistics.clumping import Windows
from plimsoll.statistics.evidence import evidence
from plimsoll.statistics.proportions import REASON, CannotJudge, Judgement, checked, doubted, first, lower, upper

DIGITS = 60
"""Halvings for a bound: beyond what a number holds."""


@dataclass(slots=True, kw_only=True)
class Anytime:
    """Judges after each window, by a beta-binomial mixture: for some 25 to 50 % more events than a fixed count takes.

    Events of clumping windows count as fewer. How they clump nobody knows before there are WINDOWS windows: until
    then nothing passes, and whatever was bad counts as one event.
    """

    limit: float
    sure: float = 0.95
    objectives: int = 1
    assumed: float = 1.0
    windows: Windows = field(init=False)
    outcome: Outcome = field(init=False, default=Outcome.UNKNOWN)
    decision: Judgement | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        checked(0, 0, self.limit, self.assumed)
        if not self.limit:
            raise CannotJudge("cannot be judged: a limit of 0 is never proven, however long a run is")
        self.windows = Windows(assumed=self.assumed)

    def feed(self, bad: int, of: int) -> Outcome:
        """One window more, and what all of them say."""
        if self.outcome is not Outcome.UNKNOWN:
            return self.outcome
        self.windows.add(bad, of)
        found = evidence(*self._effective(), self.limit, self.limit)
        enough = -math.log(doubted(self.sure, self.objectives))
        if found.kept >= enough and self.windows.clumping.measured:
            self.outcome = Outcome.PASS
        elif found.broken >= enough:
            self.outcome = Outcome.FAIL
        return self.outcome

    @property
    def judgement(self) -> Judgement:
        """The outcome with its bounds, which hold at every moment of the run together."""
        if self.decision is None:
            judgement = self._judgement()
            if self.outcome is Outcome.UNKNOWN:
                return judgement
            self.decision = judgement
        return self.decision

    def _effective(self) -> tuple[float, float]:
        return self.windows.clumping.effective(self.windows.bad, self.windows.of)

    def _judgement(self) -> Judgement:
        bad, of = self._effective()
        enough = -math.log(doubted(self.sure, self.objectives))
        share = bad / of if of else 0.0
        low = _crossing(lambda p: evidence(bad, of, p, self.limit).broken >= enough, share, 0.0) if bad else 0.0
        high = _crossing(lambda p: evidence(bad, of, p, self.limit).kept >= enough, share, 1.0) if of > bad else 1.0
        if self.outcome is Outcome.PASS:
            high = min(high, self.limit)
        return Judgement(
            outcome=self.outcome,
            bad=self.windows.bad,
            of=self.windows.of,
            limit=self.limit,
            low=low,
            high=high,
            sure=self.sure,
            objectives=self.objectives,
            clumping=self.windows.clumping.factor,
            more=self._more(enough) if self.outcome is Outcome.UNKNOWN else None,
        )

    def _more(self, enough: float) -> int | None:
        """How many events more would decide, if the share of the bad ones stays."""
        windows = self.windows
        share, factor = windows.bad / windows.of if windows.of else 0.0, windows.clumping.factor

        def decides(of: int) -> bool:
            found = evidence(share * of / factor, of / factor, self.limit, self.limit)
            return max(found.kept, found.broken) >= enough

        end = REASON * windows.of if windows.of else math.ceil(REASON * factor / self.limit)
        count = first(decides, windows.of, end)
        return None if count is None else count - windows.of


@dataclass(slots=True, kw_only=True)
class Curtailed:
    """Judges a run of `planned` events at its end, and before it where the end can no longer change (Curnow 1975).

    Exact: each verdict is one that `judged` gives the whole run. With the clumping of the windows so far.
    """

    planned: int
    limit: float
    sure: float = 0.95
    objectives: int = 1
    assumed: float = 1.0
    windows: Windows = field(init=False)
    outcome: Outcome = field(init=False, default=Outcome.UNKNOWN)

    def __post_init__(self) -> None:
        checked(0, self.planned, self.limit, self.assumed)
        self.windows = Windows(assumed=self.assumed)

    def feed(self, bad: int, of: int) -> Outcome:
        """One window more, and whether the rest of the run could still change the verdict."""
        if self.outcome is not Outcome.UNKNOWN or self.windows.of >= self.planned:
            return self.outcome
        self.windows.add(bad, of)
        so_far, factor = self.windows.bad, self.windows.clumping.factor
        whole, doubt = max(self.planned, self.windows.of), doubted(self.sure, self.objectives)
        worst = so_far + whole - self.windows.of
        if so_far and at_least(so_far / factor, (whole - so_far) / factor + 1, self.limit) <= doubt:
            self.outcome = Outcome.FAIL
        elif at_most(worst / factor, whole / factor, self.limit) <= doubt:
            self.outcome = Outcome.PASS
        return self.outcome

    @property
    def judgement(self) -> Judgement:
        """The outcome, with the bounds that the whole run will have, whether the rest is all good or all bad."""
        windows, factor = self.windows, self.windows.clumping.factor
        whole, doubt = max(self.planned, windows.of), doubted(self.sure, self.objectives)
        rest = whole - windows.of
        return Judgement(
            outcome=self.outcome,
            bad=windows.bad,
            of=windows.of,
            limit=self.limit,
            low=lower(windows.bad / factor, whole / factor, doubt) if whole else 0.0,
            high=upper((windows.bad + rest) / factor, whole / factor, doubt),
            sure=self.sure,
            objectives=self.objectives,
            clumping=factor,
            more=rest or None,
        )


def _crossing(excluded: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where shares begin to be excluded, on the way from one inside to the end outside; rounded outward."""
    for _ in range(DIGITS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if excluded(middle) else (middle, outside)
    return outside
