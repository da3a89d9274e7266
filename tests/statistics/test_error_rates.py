"""A service just above its limit passes in at most 5 % of runs, and one just below fails in at most 5 %.

However the verdict is reached: at the end, by curtailment, or stopped at any window; and however failures come. Where
there is a sum to take, it is taken exactly; only what clumping windows do is simulated, seeded. Messages say the rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import pytest

from plimsoll.model import Outcome
from plimsoll.statistics.beta import at_most, exactly
from plimsoll.statistics.clumping import Windows
from plimsoll.statistics.evidence import evidence
from plimsoll.statistics.planning import fewest_bad, most_bad
from plimsoll.statistics.stopping import Anytime, Curtailed
from tests.statistics.services import Service, alone, in_bursts, unevenly

ALLOWED = 0.05
LIMIT = 0.02
OF = 50
WINDOWS = 60
ABOVE, BELOW = LIMIT * 1.03, LIMIT * 0.97

Way = Callable[[list[int], float, float], Outcome]
"""How a verdict comes from the bad ones of each window, a limit, and what is assumed of clumping."""


def at_the_end(windows: list[int], limit: float, assumed: float) -> Outcome:
    """One verdict, of the whole run."""
    whole = Windows(assumed=assumed)
    for bad in windows:
        whole.add(bad, OF)
    return whole.judged(limit).outcome


def curtailed(windows: list[int], limit: float, assumed: float) -> Outcome:
    """As soon as the end is certain."""
    run = Curtailed(limit=limit, planned=OF * len(windows), assumed=assumed)
    return [run.feed(bad, OF) for bad in windows][-1]


def at_any_time(windows: list[int], limit: float, assumed: float) -> Outcome:
    """At each window, until it is decided."""
    run = Anytime(limit=limit, assumed=assumed)
    return next((run.outcome for bad in windows if run.feed(bad, OF) is not Outcome.UNKNOWN), Outcome.UNKNOWN)


WAYS: dict[Way, int] = {at_the_end: 250, curtailed: 100, at_any_time: 100}
"""And how many runs are simulated, so that all take seconds."""

KINDS: dict[str, tuple[Service, float]] = {
    "alone": (alone, 1.0),
    "unevenly": (unevenly, 1.0),
    "bursts of 5": (in_bursts(5), 5.0),
    "bursts longer than a window": (in_bursts(80), 80.0),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_way = pytest.mark.parametrize("way", WAYS)


def rate(
    way: Way, service: Service, share: float, wanted: Outcome, *, limit: float, assumed: float, runs: int
) -> float:
    """In which share of runs it comes out so; the same each time."""
    chance = Random(20_26)  # noqa: S311 - no secret
    return sum(way(service(chance, WINDOWS, OF, share), limit, assumed) is wanted for _ in range(runs)) / runs


@every_way
@every_kind
def test_service_just_above_the_limit_hardly_passes(kind: str, way: Way) -> None:
    """The error that costs users."""
    service, assumed = KINDS[kind]
    passed = rate(way, service, ABOVE, Outcome.PASS, limit=LIMIT, assumed=assumed, runs=WAYS[way])
    assert passed <= ALLOWED, f"{passed:.1%} of runs passed"


@every_way
@every_kind
def test_service_just_below_the_limit_hardly_fails(kind: str, way: Way) -> None:
    """The error that costs sleep."""
    service, assumed = KINDS[kind]
    failed = rate(way, service, BELOW, Outcome.FAIL, limit=LIMIT, assumed=assumed, runs=WAYS[way])
    assert failed <= ALLOWED, f"{failed:.1%} of runs failed"


@every_way
@pytest.mark.parametrize("kind", ["alone", "unevenly"])
def test_clear_cases_are_decided(kind: str, way: Way) -> None:
    """Errors are rare because bounds are right, and not because nothing is ever said."""
    service, _ = KINDS[kind]
    passed = rate(way, service, LIMIT / 2.5, Outcome.PASS, limit=LIMIT, assumed=1, runs=25)
    failed = rate(way, service, LIMIT * 2, Outcome.FAIL, limit=LIMIT, assumed=1, runs=25)
    assert min(passed, failed) >= 0.8, (passed, failed)


def test_a_run_without_failures_does_not_show_how_they_come() -> None:
    """What no count can mend: bursts that are too rare for the run are not seen, unless somebody reckons with them."""
    limit, service = 0.002, in_bursts(10)
    naive, aware = (
        rate(at_the_end, service, limit * 1.0001, Outcome.PASS, limit=limit, assumed=assumed, runs=100)
        for assumed in (1, 10)
    )
    assert naive > 2 * ALLOWED, naive
    assert aware <= ALLOWED, aware


@pytest.mark.parametrize("limit", [0.05, 0.01, 0.001])
def test_fixed_counts_never_err_more_often_than_said(limit: float) -> None:
    """Exactly, for any count up to where both answers are possible and beyond: the tails of the binomial itself."""
    worst = [0.0, 0.0]
    for of in range(1, math.ceil(12 / limit), max(1, round(0.05 / limit))):
        most, fewest = most_bad(of, limit), fewest_bad(of, limit)
        passed = 0.0 if most is None else at_most(most, of, limit)
        failed = 0.0 if fewest is None else 1 - at_most(fewest - 1, of, limit)
        worst = [max(worst[0], passed), max(worst[1], failed)]
    assert 0.04 < max(worst) <= ALLOWED + 1e-9, worst


@pytest.mark.parametrize(("limit", "of", "windows"), [(0.02, 50, 100), (0.05, 10, 150), (0.01, 300, 40)])
def test_looks_at_every_window_cost_no_error(limit: float, of: int, windows: int) -> None:
    """Exactly, for failures that come alone: every path of counts to a verdict, added up window by window."""
    enough = -math.log(ALLOWED)
    good = _reached(limit, of, windows, lambda bad, all_: evidence(bad, all_, limit, limit).kept >= enough, below=True)
    bad = _reached(
        limit, of, windows, lambda bad, all_: evidence(bad, all_, limit, limit).broken >= enough, below=False
    )
    naive = _reached(limit, of, windows, lambda bad, all_: at_most(bad, all_, limit) <= ALLOWED, below=True)
    assert 0.005 < good <= ALLOWED, (good, bad, naive)
    assert 0.005 < bad <= ALLOWED, (good, bad, naive)
    assert naive > 2 * ALLOWED, (good, bad, naive)


def _reached(limit: float, of: int, windows: int, decides: Callable[[int, int], bool], *, below: bool) -> float:
    """The probability that a service at the limit is ever decided: by few bad ones (`below`), or by many."""
    step = [exactly(bad, of, limit) for bad in range(of + 1)]
    while step[-1] < 1e-14:
        step.pop()
    alive, decided, edge = {0: 1.0}, 0.0, 0
    for window in range(1, windows + 1):
        after: dict[int, float] = {}
        for bad, mass in alive.items():
            for more, part in enumerate(step):
                after[bad + more] = after.get(bad + more, 0.0) + mass * part
        all_ = window * of
        if below:
            while edge <= all_ and decides(edge, all_):
                edge += 1
            out = [bad for bad in after if bad < edge]
        else:
            while edge <= all_ and not (edge > limit * all_ and decides(edge, all_)):
                edge += 1
            out = [bad for bad in after if bad >= edge]
        decided += math.fsum(after.pop(bad) for bad in out)
        alive = {bad: mass for bad, mass in after.items() if mass > 1e-14}
    return decided
