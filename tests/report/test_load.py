"""What a run says of its load: verdict first, in words, as pictures, in figures, for people and for scripts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plimsoll.errors import BadInput
from plimsoll.model import Outcome, Verdict
from plimsoll.model.load import Objective
from plimsoll.observations.load import Decision, LoadRun, Tally, Window
from plimsoll.observations.load.stored import read_run
from plimsoll.redact import Redactor
from plimsoll.report import read, summary, write
from plimsoll.report.clean import clean
from plimsoll.report.html import render
from plimsoll.report.load import latency, tables
from plimsoll.report.load.axes import linear, logarithmic
from plimsoll.report.load.figures import (
    MOST,
    ROWS,
    at_shares,
    clock,
    kinds,
    milliseconds,
    number,
    percent,
    stretches,
    together,
)
from plimsoll.report.load.rates import errors, rates
from plimsoll.report.load.used import saturation
from plimsoll.report.load.words import lines, sentence, told
from plimsoll.statistics.histogram import Histogram
from plimsoll.statistics.proportions import Judgement
from tests.report import load_runs
from tests.report.load_runs import LIMIT, OBJECTIVES, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report.conftest import MakeVerdict, Sample

run = cache(lambda name: getattr(load_runs, name)())
"""Each sample is made once."""


@pytest.fixture
def verdict(sample: Sample, make_verdict: MakeVerdict) -> Callable[[str], Verdict]:
    """The maker of a verdict with one run of load."""

    def made(name: str) -> Verdict:
        return replace(make_verdict((sample.kept(1),)), loads=(record(run(name)),))

    return made


def decided(objective: Objective, bad: int, of: int, low: float, high: float, outcome: Outcome) -> Decision:
    """What a run says of an objective."""
    rest = {"limit": objective.bad, "sure": 0.95, "objectives": 3, "clumping": 1.0, "more": None}
    judgement = Judgement(outcome=outcome, bad=bad, of=of, low=low, high=high, **rest)  # type: ignore[arg-type] # of all types
    return Decision(objective=objective, judgement=judgement)


def test_objective_is_told_in_one_sentence() -> None:
    """The share that was seen, between which bounds, what is promised, and the verdict."""
    time, errors_, route = OBJECTIVES
    decisions = (
        decided(time, 38, 1000, 0.03, 0.046, Outcome.PASS),
        decided(errors_, 12, 4000, 0.0019, 0.0041, Outcome.FAIL),
        decided(route, 1, 50, 0.01, 0.03, Outcome.PASS),
    )
    it = replace(record(run("healthy")), decisions=decisions)
    assert [sentence(it, decision) for decision in it.decisions] == [
        "96.2 % of 1,000 requests answered well within 200 ms, between 95.4 and 97 %; 95 % are promised: kept",
        "0.3 % of 4,000 requests failed by status 5 or timed out, between 0.19 and 0.41 %; at most 0.1 % may: broken",
        "98 % of 50 requests to POST /trips answered well within 200 ms, between 97 and 99 %; 95 % are promised: kept",
    ]


def test_undecided_says_what_would_decide() -> None:
    """How many requests more, and how long that takes at the rate of this run."""
    it = record(run("stalled"))
    found = it.decisions[0].judgement.more
    assert found is not None
    assert re.search(
        rf"could not tell; {found:,} requests more would decide, about [\d.]+ minutes$", sentence(it, it.decisions[0])
    )
    unasked = record(run("empty"))
    assert sentence(unasked, unasked.decisions[0]).startswith("no request to any route was counted: could not tell")


def test_void_decides_nothing() -> None:
    """Whatever was counted: the terminal says that once, and no objective of it is called kept."""
    it = record(run("void"))
    assert [*lines(it)] == [f"load of sample is void: {it.void}"]
    assert all("could not tell, the run is void" in sentence(it, decision) for decision in it.decisions)


def test_model_is_named() -> None:
    """Open and closed are told apart in the first sentences, and what a closed one hides."""
    assert "Open model: journeys begin by a schedule (at random, each for itself)" in " ".join(
        told(record(run("healthy")))
    )
    closed = " ".join(told(record(run("closed"))))
    assert "Closed model: each user waits for an answer before it asks again" in closed
    assert "Clients who do not wait see worse." in closed


def test_terminal_has_a_line_for_each_objective(verdict: Callable[[str], Verdict]) -> None:
    """The verdict stands before the figures, so that no narrow terminal cuts it off."""
    text = summary(verdict("overloaded"), report=Path("report.html"), redact=Redactor(), width=80)
    assert [line.split(":")[0] for line in text.splitlines()[2:5]] == [
        "SP-SLO-01 broken",
        "SP-SLO-02 broken",
        "SP-SLO-03 broken",
    ]
    assert max(map(len, text.splitlines())) <= 80


def test_script_finds_the_run_and_its_figures(verdict: Callable[[str], Verdict], tmp_path: Path) -> None:
    """verdict.json names the file, which is the run as it was, and says of it what most scripts need."""
    write(verdict("overloaded"), tmp_path, redact=Redactor())
    (load,) = json.loads((tmp_path / "verdict.json").read_text())["loads"]
    seen = read_run(tmp_path / load["file"])
    assert load["file"] == "load/gate.json"
    assert seen == run("overloaded")
    assert (load["model"], load["void"], load["seconds_judged"]) == ("open", "", 45)
    assert load["all"]["requests"] == seen.amount == load["all"]["good"] + sum(load["all"]["bad"].values())
    assert load["all"]["within"][str(LIMIT)] == sum(tally.within[LIMIT] for tally in seen.judged())
    assert [*load["routes"]] == [*seen.routes]
    assert load["decisions"][0]["judgement"]["outcome"] == "fail"


def test_stored_run_needs_its_file_only_for_its_load(verdict: Callable[[str], Verdict], tmp_path: Path) -> None:
    """A verdict.json kept alone is read without; one that leads elsewhere is refused."""
    write(verdict("stalled"), tmp_path, redact=Redactor())
    assert read(tmp_path / "verdict.json") == clean(verdict("stalled"), redact=Redactor())
    (tmp_path / "load" / "gate.json").unlink()
    assert read(tmp_path / "verdict.json").loads == ()
    text = (tmp_path / "verdict.json").read_text()
    (tmp_path / "verdict.json").write_text(text.replace("load/gate.json", "load/../../etc.json"))
    with pytest.raises(BadInput, match=r"loads\[0\].file: expected the path of a run"):
        read(tmp_path / "verdict.json")


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("verdict.json", '"outcome": "fail",', '"outcome": "great",', "expected one of pass, fail, unknown"),
        ("load/gate.json", '"bad":{}', '"bad":{"status 500":1.5}', "status 500: expected a whole number, found 1.5"),
        ("load/gate.json", '"within":{"200000000"', '"within":{"soon"', "expected a member named by a whole number"),
    ],
)
def test_file_that_was_changed_is_told_by_its_place(
    file: str, old: str, new: str, complaint: str, verdict: Callable[[str], Verdict], tmp_path: Path
) -> None:
    """Words that are none of ours, counts that are not whole, limits that are no numbers."""
    write(verdict("overloaded"), tmp_path, redact=Redactor())
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(BadInput, match=complaint):
        read(tmp_path / "verdict.json")


def test_no_request_is_lost_on_the_way_to_a_picture() -> None:
    """However wide a column is, all of them together have every request, once."""
    seen = run("hour")
    for most in (MOST, ROWS):
        parts = stretches(seen, most)
        assert len(parts) <= most
        assert sum(tally.asked for part in parts for tally in part.tallies()) == sum(
            tally.asked for window in seen.windows for tally in window.tallies
        )
    assert {part.wide for part in stretches(seen)} == {15}
    assert [part.words for part in stretches(seen)[:2]] == ["0 s to 15 s", "15 s to 30 s"]


def test_columns_keep_the_gaps() -> None:
    """A second that nobody counted has no figure, and no line is drawn through it."""
    seen = run("healthy")
    torn = replace(seen, windows=tuple(window for window in seen.windows if window.number not in (7, 8)))
    plot = latency.over_time(torn, "load-1-0", "", service=False, axis=latency.scale(torn))
    first = plot.lines[0]
    assert [n for n, value in enumerate(first.values) if value is None] == [7, 8]
    assert re.search(r'class="way half" d="([^"]*)"', plot.drawn())[1].count("M") == 2  # type: ignore[index] # it is there
    assert first.said[7] == "none"


def test_percentiles_are_those_of_the_histogram() -> None:
    """In one pass over its buckets, and of nothing there are none."""
    values = together(run("overloaded").judged())
    shares = (0.0, 0.5, 0.95, 0.99, 1.0)
    expected = [bucket.high for share in shares if (bucket := values.percentile(share))]
    assert at_shares(values, shares) == expected
    assert at_shares(Histogram(), shares) == [None] * 5


def test_open_view_shows_what_the_closed_one_hides() -> None:
    """A service that stands still for a second of every ten: those who were due meanwhile waited."""
    seen = run("stalled")
    by = {name: (due, sent) for name, due, sent in latency.beside(seen, "")}
    assert by["p99"][0] == "921 ms"
    assert by["p99"][1] == "103 ms"
    assert latency.gap(seen, "").startswith("p99 is 921 ms from the moment due, and 103 ms from sending: 8.94 times")
    assert "hardly anybody waited" in latency.gap(run("healthy"), "")
    assert "there is no open view" in latency.gap(run("closed"), "")


def test_limit_is_drawn_where_it_is() -> None:
    """Over time across the picture, in the distribution as far as the promised share; of its own routes only."""
    seen = run("healthy")
    axis = latency.scale(seen)
    (mark,) = latency.over_time(seen, "n-0", "", service=False, axis=axis).marks
    assert (mark.value, mark.label, mark.until) == (LIMIT, "limit 200 ms", 1.0)
    corner = latency.spread(seen, "n-0", "", service=False, axis=axis).marks
    assert [(it.label, 0 < it.until < 1) for it in corner] == [("95 % within 200 ms", True)]
    assert len(latency.spread(seen, "n-3", "POST /trips", service=False, axis=axis).marks) == 2
    assert axis.low < LIMIT < axis.high
    assert axis.share(axis.low) == 0
    assert 0 < axis.share(LIMIT) < 1


def test_failures_are_stacked_by_what_was_wrong() -> None:
    """The most frequent kind at the bottom; the columns of all kinds have every failure; none has no picture."""
    seen = run("overloaded")
    plot = errors(seen, "load-1")
    assert plot is not None
    every = kinds(tally for window in seen.windows for tally in window.tallies)
    assert [line.name for line in plot.lines] == [kind for kind, _ in every.most_common()]
    assert sum(value or 0 for line in plot.lines for value in line.values) == pytest.approx(every.total())
    assert plot.lines[1].base == plot.lines[0].values
    assert errors(run("healthy"), "load-1") is None
    many = {f"status {code}": 9 for code in range(500, 509)}
    worse = replace(
        seen, windows=(Window(number=0, phase="steady", judged=True, tallies=(Tally(route="r", bad=many),)),)
    )
    plot = errors(worse, "load-1")
    assert plot is not None
    assert len(plot.lines) == 6
    assert (plot.lines[-1].name, plot.lines[-1].values) == ("other failures", [36.0])


def test_rates_name_what_was_offered() -> None:
    """Journeys due only in the open model, where there is a schedule to be late for."""
    names = [line.name for line in rates(run("healthy"), "load-1").lines]
    assert names == ["journeys due", "journeys begun", "requests due", "of them answered well"]
    assert "journeys due" not in [line.name for line in rates(run("closed"), "load-1").lines]


def test_use_is_a_share_where_there_is_a_limit() -> None:
    """A role without one has a picture of its own, in amounts; the limit is drawn only where somebody comes near."""
    plots = [*saturation(run("healthy"), "load-1")]
    assert [(plot.title, len(plot.lines), len(plot.marks)) for plot in plots] == [
        ("Processors used, as a share of the limit", 3, 1),
        ("Memory used, as a share of the limit", 2, 0),
        ("Memory used, without a limit", 1, 0),
        ("Connections open, as a share of the limit", 1, 0),
    ]
    assert plots[2].says == "At the most: edge 102.7 MB."


def test_table_says_what_the_picture_shows() -> None:
    """Each route, the figures of its judged seconds, and what failed."""
    text = tables.routes(run("overloaded"))
    assert text.count("<tr>") == 5
    assert '<td data-head="Answered well">' in text
    assert "722 status 503, 256 wrong body" in text


@pytest.mark.parametrize("name", ["healthy", "stalled", "overloaded", "void", "empty", "closed", "hour"])
def test_every_run_has_a_page(name: str, verdict: Callable[[str], Verdict]) -> None:
    """With every id once, one script, and nothing that a browser would have to fetch."""
    text = render(clean(verdict(name), redact=Redactor()))
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count("<script>") == 1
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "nan" not in text.replace("nanoseconds", "").split("<main")[0].partition("<section")[2]
    assert ('class="void"' in text) == (name in ("void", "empty"))
    assert ('class="chart"' in text) == (name != "empty")
    assert len(text) < 600_000


def test_void_stands_first(verdict: Callable[[str], Verdict]) -> None:
    """Before any figure, so that nobody takes one for the service's."""
    text = render(clean(verdict("void"), redact=Redactor()))
    section = text[text.index('<section class="drills loads"') :]
    assert section.index('class="void"') < section.index('class="objectives"') < section.index('class="chart"')


def test_closed_model_has_no_open_view(verdict: Callable[[str], Verdict]) -> None:
    """What nobody measured is not drawn."""
    text = render(clean(verdict("closed"), redact=Redactor()))
    assert "closed view: from sending" in text
    assert "open view: from the moment due" not in text


@pytest.mark.parametrize(
    ("share", "words"), [(0.962, "96.2 %"), (0.99953, "99.953 %"), (0.00021, "0.021 %"), (1.0, "100 %"), (0.0, "0 %")]
)
def test_share_has_the_digits_that_count(share: float, words: str) -> None:
    """Three of what is missing to all, or to nothing."""
    assert percent(share) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(12, "12 s"), (119, "119 s"), (245, "4:05 min"), (600, "10 min"), (3845, "1:04:05 h")]
)
def test_moment_is_read_like_a_clock(seconds: int, words: str) -> None:
    """Seconds, minutes, hours."""
    assert clock(seconds) == words


def test_figures_have_three_digits() -> None:
    """Whatever their size."""
    assert [number(value) for value in (0, 0.2134, 21.34, 2134.4)] == ["0", "0.213", "21.3", "2,134"]
    assert [milliseconds(value) for value in (None, 213_400, 153e6, 1.25e9)] == ["none", "0.213 ms", "153 ms", "1.25 s"]


def test_scales_hold_their_values() -> None:
    """Every value is inside, ticks are round, and a scale of nothing is none the less a scale."""
    axis = linear([3.0, 17.0], number)
    assert axis.low == 0
    assert axis.high > 17
    assert [words for _, words in axis.ticks] == ["5", "10", "15"]
    assert linear([], number).high > 0
    log = logarithmic([2e6, 3e8], milliseconds)
    ticks = ["2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms"]
    assert [words for _, words in log.ticks] == ticks
    assert logarithmic([], milliseconds).high > logarithmic([], milliseconds).low > 0


def test_all_of_it_is_quick_for_an_hour(verdict: Callable[[str], Verdict]) -> None:
    """An hour has no more columns than a minute has room for."""
    seen: LoadRun = run("hour")
    assert len(seen.windows) == 3600
    text = render(clean(verdict("hour"), redact=Redactor()))
    assert max(len(places.split(" ")) for places in re.findall(r'data-places="([^"]+)"', text)) <= MOST
