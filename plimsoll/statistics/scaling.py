"""How throughput grows with load, where it peaks, and no further than was measured: the Universal Scalability Law.

    X(N) = g N / (1 + a (N - 1) + b N (N - 1))

N requests in flight, X answers a second, g those of one alone, a the share of work that waits in line (contention), b
the cost of agreeing with each other (coherency). Gunther, Guerrilla Capacity Planning, 2007; peak at sqrt((1 - a) / b).
With b = 0 it is Amdahl's law, with a = 0 too it is a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from plimsoll.statistics.extrapolation import NORMAL, STUDENT, CannotExtrapolate
from plimsoll.statistics.nonnegative import Row, solved

LEVELS = 6
"""The fewest levels that three parameters are taken from: what usl for R and Gunther ask for."""

WITHIN = 0.05
"""By how much N may differ from X (R + Z): beyond, requests were not where the generator says they were."""

FURTHEST = 2.0
"""How many times the largest level measured may be spoken of."""

DRAWS = 400
"""Of the bootstrap: the ends of its interval are known within some 2 points of confidence."""

SEED = 20070101
"""The same measurements have the same interval."""

ROUNDS = 25
"""Of the fit at most: it settles after five or so."""

SETTLED = 1e-10
"""The fit is settled when nothing changes by more than this share."""

PARAMETERS = 3
"""Of the law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One steady level: `load` requests in flight (or users), `throughput` a second, `response` and `think` seconds.

    `error` is the standard error of the throughput, for its weight; without, all are known to the same share.
    """

    load: float
    throughput: float
    response: float
    think: float = 0.0
    error: float | None = None

    @property
    def astray(self) -> float:
        """By what share N differs from X (R + Z) (Little 1961)."""
        return abs(self.throughput * (self.response + self.think) / self.load - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """The law fitted to `levels`; `measured` is the largest load, and `fit` the share of the scatter it explains.

    `low` and `high` enclose the peak with the confidence `sure`; infinite where it may lie beyond FURTHEST times what
    was measured, or nowhere. `missing` says what would make it better.
    """

    alone: float
    contention: float
    coherency: float
    levels: tuple[Level, ...]
    low: float
    high: float
    sure: float
    fit: float
    missing: tuple[str, ...]

    @property
    def measured(self) -> float:
        """The largest load measured."""
        return max(level.load for level in self.levels)

    @property
    def peak(self) -> float | None:
        """The load with the largest throughput; None where none shows within FURTHEST times what was measured."""
        peak = _peak(self.contention, self.coherency)
        return peak if peak <= FURTHEST * self.measured else None

    def throughput(self, load: float) -> float:
        """Answers a second at such a load. Raises CannotExtrapolate beyond FURTHEST times what was measured."""
        if not 0 < load <= FURTHEST * self.measured:
            raise CannotExtrapolate(
                f"cannot be extrapolated: {load:g} in flight is beyond {FURTHEST:g} times the largest level measured, "
                f"{self.measured:g}; measure {math.ceil(load / FURTHEST)} or more"
            )
        return law(load, self.alone, self.contention, self.coherency)


def law(load: float, alone: float, contention: float, coherency: float) -> float:
    """The Universal Scalability Law."""
    return alone * load / (1 + contention * (load - 1) + coherency * load * (load - 1))


def fitted(levels: Sequence[Level], *, sure: float = 0.95, seed: int = SEED) -> Scaling:
    """The law through the levels for which Little's law holds. Raises CannotExtrapolate, with what is missing."""
    for level in levels:
        if min(level.load, level.throughput, level.response) <= 0 or level.think < 0:
            raise CannotExtrapolate(f"cannot be extrapolated: no load, throughput and time of a level: {level}")
    kept = tuple(sorted((level for level in levels if level.astray <= WITHIN), key=lambda level: level.load))
    astray = [
        f"the level of {level.load:g} was left out: {level.throughput:g}/s for {level.response + level.think:g} s "
        f"each are {level.throughput * (level.response + level.think):.3g} in flight (Little's law)"
        for level in levels
        if level.astray > WITHIN
    ]
    if (different := len({level.load for level in kept})) < LEVELS:
        fact = f"cannot be extrapolated: it takes {LEVELS} different steady levels, and there are {different}"
        raise CannotExtrapolate("; ".join([fact, *astray]))
    loads, rates = [level.load for level in kept], [level.throughput for level in kept]
    weights = [1 / (level.error or level.throughput) ** 2 for level in kept]
    alone, contention, coherency = _fit(loads, rates, weights)
    fits = [law(load, alone, contention, coherency) for load in loads]
    low, high = _interval(loads, rates, fits, weights, sure, seed)
    missing = list(astray)
    if _peak(contention, coherency) > loads[-1]:
        missing.append(f"no level lies past the peak: measure more than {loads[-1]:g} until throughput falls")
    mean = math.fsum(w * x for w, x in zip(weights, rates, strict=True)) / math.fsum(weights)
    around = math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, rates, strict=True))
    return Scaling(
        alone=alone,
        contention=contention,
        coherency=coherency,
        levels=kept,
        low=low,
        high=high,
        sure=sure,
        fit=1 - _loss(rates, fits, weights) / around if around else 1.0,
        missing=tuple(missing),
    )


def _peak(contention: float, coherency: float) -> float:
    """The load with the largest throughput; infinite where there is none."""
    if contention >= 1:
        return 1.0
    return max(1.0, math.sqrt((1 - contention) / coherency)) if coherency else math.inf


def _fit(loads: Sequence[float], rates: Sequence[float], weights: Sequence[float]) -> tuple[float, float, float]:
    """Weighted least squares of the throughput, a and b zero or more, by Gauss and Newton's steps.

    N / X is linear in 1/g, a/g and b/g, so each step is a linear problem; the first one takes the rates as they are.
    """
    costs = [load / rate for load, rate in zip(loads, rates, strict=True)]
    near, best, least = costs, (0.0, 0.0, 0.0), math.inf
    for _ in range(ROUNDS):
        rows = [
            Row(
                values=(1.0, load - 1, load * (load - 1)),
                target=2 * at - at * at / cost,
                weight=weight * (load / (at * at)) ** 2,
            )
            for load, cost, at, weight in zip(loads, costs, near, weights, strict=True)
        ]
        one, two, three = solved(rows)
        if one <= 0:
            break
        near = [one + two * (load - 1) + three * load * (load - 1) for load in loads]
        loss = _loss(rates, [load / at for load, at in zip(loads, near, strict=True)], weights)
        if loss < least:
            best, settled, least = (one, two, three), loss > least * (1 - SETTLED), loss
            if not settled:
                continue
        break
    one, two, three = best
    return 1 / one, two / one, three / one


def _loss(rates: Sequence[float], fits: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(w * (x - y) ** 2 for w, x, y in zip(weights, rates, fits, strict=True))


def _interval(
    loads: Sequence[float],
    rates: Sequence[float],
    fits: Sequence[float],
    weights: Sequence[float],
    sure: float,
    seed: int,
) -> tuple[float, float]:
    """Between which loads the peak lies: a bootstrap of the residuals (Davison, Hinkley 1997, 6.3), seeded.

    Residuals are spread to what they were before three parameters were fitted to them, and by Student's t for how
    badly so few show their own size: without, the interval of six levels held the peak in 81 % of simulations.
    """
    chance, count = Random(seed), len(loads)  # noqa: S311 - no secret: the same data shall have the same answer
    free = count - PARAMETERS
    spread = math.sqrt(count / free) * (STUDENT[free - 1] / NORMAL if free <= len(STUDENT) else 1.0)
    off = [(x - y) * math.sqrt(w) * spread for x, y, w in zip(rates, fits, weights, strict=True)]
    peaks = []
    for _ in range(DRAWS):
        drawn = [max(y + chance.choice(off) / math.sqrt(w), y / 10) for y, w in zip(fits, weights, strict=True)]
        _, contention, coherency = _fit(loads, drawn, weights)
        peaks.append(_peak(contention, coherency))
    peaks = sorted(peak if peak <= FURTHEST * loads[-1] else math.inf for peak in peaks)
    tail = math.floor((1 - sure) / 2 * DRAWS)
    return peaks[tail], peaks[-1 - tail]
