"""Runs of load of any shape with any text in them, for what has to hold whatever was found."""

from __future__ import annotations

from hypothesis import strategies as st

from plimsoll.model import Outcome
from plimsoll.model.load import CLOSED, OPEN, Objective, Phase, Plan
from plimsoll.observations.load import Decision, Generator, LoadRecord, LoadRun, Pulse, Reading, Tally, Window
from plimsoll.statistics.histogram import Histogram
from plimsoll.statistics.proportions import Judgement
from tests.report.load_runs import STARTED

counts = st.integers(min_value=0, max_value=10**9)
seconds = st.floats(min_value=0, max_value=1e6)
shares = st.floats(min_value=0, max_value=1)
limits = st.sampled_from((10**6, 2 * 10**8))
numbers = st.integers(min_value=0, max_value=10**5)


def counted(values: list[int]) -> Histogram:
    """A histogram of these nanoseconds."""
    found = Histogram()
    for value in values:
        found.add(value)
    return found


histograms = st.lists(st.integers(min_value=0, max_value=10**12), max_size=4).map(counted)


def loads_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[LoadRecord, ...]]:
    """A run or two."""
    several = st.lists(texts, max_size=2).map(tuple)
    tallies = st.builds(
        Tally,
        route=texts,
        good=counts,
        bad=st.dictionaries(texts, counts, max_size=2),
        within=st.dictionaries(limits, counts, max_size=2),
        latency=histograms,
        failed=histograms,
        service=histograms,
    )
    windows = st.builds(
        Window,
        number=numbers,
        phase=texts,
        judged=st.booleans(),
        due=counts,
        begun=counts,
        tallies=st.lists(tallies, max_size=2).map(tuple),
    )
    objectives = st.builds(
        Objective, promise=texts, bad=shares, limit=st.just(0) | limits, routes=several, classes=several
    )
    phases = st.builds(Phase, name=texts, seconds=seconds, rate=seconds, until=seconds, judged=st.booleans())
    plans = st.builds(
        Plan,
        phases=st.lists(phases, max_size=3).map(tuple),
        limits=st.lists(limits, max_size=2, unique=True).map(tuple),
        objectives=st.lists(objectives, max_size=2).map(tuple),
        model=st.sampled_from((OPEN, CLOSED)),
        arrivals=texts,
    )
    pulses = st.builds(Pulse, number=numbers, cpu=seconds, sockets=counts, collecting=counts)
    generators = st.builds(
        Generator, name=texts, pulses=st.lists(pulses, max_size=3).map(tuple), lag=histograms, lost=st.booleans()
    )
    amounts = st.just(0.0) | st.floats(min_value=0.001, max_value=1e12)
    readings = st.builds(Reading, at=seconds, role=texts, what=texts, value=amounts, limit=amounts)
    runs = st.builds(
        LoadRun,
        deployment=texts,
        target=texts,
        plan=plans,
        windows=st.lists(windows, max_size=4).map(tuple),
        generators=st.lists(generators, max_size=2).map(tuple),
        seen_at=st.just(STARTED),
        readings=st.lists(readings, max_size=4).map(tuple),
        ended=texts,
        trouble=texts,
        tools=st.dictionaries(texts, texts, max_size=2),
    )
    judgements = st.builds(
        Judgement,
        outcome=st.sampled_from((Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN)),
        bad=counts,
        of=counts,
        limit=shares,
        low=shares,
        high=shares,
        sure=shares,
        objectives=counts,
        clumping=seconds,
        more=st.none() | counts,
    ).filter(lambda it: it.bad <= it.of)
    decisions = st.builds(Decision, objective=objectives, judgement=judgements)
    records = st.builds(
        LoadRecord,
        run=runs,
        name=texts,
        promises=several,
        decisions=st.lists(decisions, max_size=2).map(tuple),
        void=texts,
    )
    return st.lists(records, max_size=2).map(tuple)


def load_of(text: str) -> LoadRecord:
    """A run in which every text is this one."""
    objective = Objective(promise=text, bad=0.05, limit=2 * 10**8, routes=(text,), classes=(text,))
    judgement = Judgement(
        outcome=Outcome.FAIL,
        bad=2,
        of=4,
        limit=0.05,
        low=0.1,
        high=0.9,
        sure=0.95,
        objectives=1,
        clumping=1.0,
        more=None,
    )
    tally = Tally(route=text, good=2, bad={text: 2}, latency=counted([10**6, 10**8]), service=counted([10**6]))
    run = LoadRun(
        deployment=text,
        target=text,
        plan=Plan(
            phases=tuple(Phase(name=text, seconds=1.0, rate=1.0, until=1.0) for _ in range(3)),
            limits=(2 * 10**8,),
            objectives=(objective,),
            arrivals=text,
        ),
        windows=tuple(Window(number=n, phase=text, judged=n > 0, due=2, begun=2, tallies=(tally,)) for n in range(3)),
        generators=(Generator(name=text, pulses=(Pulse(number=1, cpu=0.5),), lag=counted([10**5]), lost=True),),
        seen_at=STARTED,
        readings=(Reading(at=1.0, role=text, what=text, value=1.0, limit=2.0),),
        ended=text,
        trouble=text,
        tools={text: text},
    )
    decision = Decision(objective=objective, judgement=judgement)
    return LoadRecord(run=run, name=text, promises=(text,), decisions=(decision,), void=text)
