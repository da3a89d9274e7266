"""Two runs of load compared: worse is called worse, alike is not, and what cannot be compared is refused."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from plimsoll.__main__ import main
from plimsoll.observations.load import LoadRun
from plimsoll.observations.load.stored import write
from plimsoll.rules.slo.comparison import BETTER, SAME, UNKNOWN, WORSE, compared
from tests.report import load_runs
from tests.report.load_runs import made, quick


def slower(chance: random.Random, due: float, usual: float) -> tuple[float, float, str]:
    """A service that takes a third longer than it did."""
    return quick(chance, due, usual * 1.3)


def failing(chance: random.Random, due: float, usual: float) -> tuple[float, float, str]:
    """One that fails once in a hundred times."""
    latency, service, _ = quick(chance, due, usual)
    return latency, service, "status 500" if chance.random() < 0.01 else ""


def heavy(chance: random.Random, due: float, usual: float) -> tuple[float, float, str]:
    """One of whose routes only the slowest has become slower still."""
    return quick(chance, due, usual * 1.5 if usual > 20 else usual)


RUNS = {
    "before": lambda: made(90, seed=1),
    "alike": lambda: made(90, seed=2),
    "slower": lambda: made(90, seed=3, answer=slower),
    "failing": lambda: made(90, seed=4, answer=failing),
    "heavy": lambda: made(90, seed=5, answer=heavy),
    "stalled": lambda: made(90, seed=6, answer=load_runs.stalling),
    "short": lambda: made(20, seed=7),
    "void": load_runs.void,
    "faster asked": lambda: made(45, seed=8, rate=40.0),
    "closed": load_runs.closed,
}


@cache
def run(name: str) -> LoadRun:
    """Each run is made once."""
    return RUNS[name]()


def changes(first: str, second: str) -> dict[str, str]:
    """What is said of each figure."""
    return {it.what: it.change for it in compared(run(first), run(second))}


@pytest.mark.parametrize(
    ("second", "worse"),
    [
        ("slower", {"p50", "p95", "p99", "all times", "GET /trips p95", "GET /trips/{id} p95", "POST /trips p95"}),
        ("failing", {"failed", "not answered well within 200 ms"}),
        ("stalled", {"not answered well within 200 ms", "p99"}),
        ("heavy", {"POST /trips p95"}),
    ],
)
def test_worse_is_called_worse(second: str, worse: set[str]) -> None:
    """In the figures in which it is, of all requests or of one route."""
    found = {what for what, change in changes("before", second).items() if change == WORSE}
    assert worse <= found
    assert {what for what, change in changes(second, "before").items() if change == WORSE} == set()
    assert {what for what, change in changes(second, "before").items() if change == BETTER} >= worse


def test_alike_shows_no_difference_and_says_which_would_have_been() -> None:
    """That none was seen is not that there is none: each sentence has its size."""
    found = compared(run("before"), run("alike"))
    assert {it.change for it in found} == {SAME}
    assert all("would have been seen" in it.says for it in found)
    said = r"failed: 0 % in A, 0 % in B: no difference shown \([\d.]+ points more would have been seen\)"
    assert re.fullmatch(said, next(it.says for it in found if it.what == "failed"))


def test_too_short_could_not_tell() -> None:
    """Seconds are few before clumping is known: no percentile has bounds then."""
    found = changes("before", "short")
    assert {what for what, change in found.items() if change == UNKNOWN} >= {"p50", "p95", "p99", "all times"}
    assert WORSE not in found.values()


def test_one_rare_route_does_not_keep_the_rest_from_being_told() -> None:
    """p99 and the figures of single routes are minor: too few requests for them leave the verdict to the others."""
    minor = {it.what for it in compared(run("before"), run("alike")) if it.minor}
    assert minor >= {"p99", "GET /trips failed", "POST /trips p95"}
    assert minor.isdisjoint({"failed", "not answered well within 200 ms", "p50", "p95", "all times"})


def test_less_than_the_margin_is_no_matter() -> None:
    """However many requests make it certain; whoever wants to know asks for a smaller margin."""
    first, second = run("before"), run("slower")
    assert {it.what: it.change for it in compared(first, second, margin=0.6)}["p50"] == SAME
    assert {it.what: it.change for it in compared(first, second, margin=0.0)}["p50"] == WORSE
    says = {it.what: it.says for it in compared(first, second, margin=0.6)}["p50"]
    assert "a difference of no matter, between" in says


def test_alike_is_hardly_ever_called_worse() -> None:
    """Of forty pairs of runs of one service at most four: one in twenty, and what luck adds (binomial, 95.2 %)."""
    pairs = [(made(45, seed=100 + n, rate=8.0), made(45, seed=200 + n, rate=8.0)) for n in range(40)]
    worse = sum(any(it.change == WORSE for it in compared(one, two, margin=0.0)) for one, two in pairs)
    assert worse <= 4


def stored(folder: Path, name: str) -> str:
    """The path of a load.json with that run."""
    path = folder / f"{name.replace(' ', '-')}.json"
    write(run(name), path)
    return str(path)


@pytest.mark.parametrize(
    ("second", "code", "last"),
    [
        ("alike", 0, "B is no worse, as far as these runs show"),
        ("slower", 1, "B is worse: p50, p95, p99, all times, GET /trips p95"),
        ("short", 2, "could not tell: p50, p95, all times; longer runs would"),
    ],
)
def test_command_says_it_in_sentences(
    second: str, code: int, last: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two lines say what is compared, the last one what came of it, and so does the exit code."""
    assert main(["compare", stored(tmp_path, "before"), stored(tmp_path, second)]) == code
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "A: https://sample.test, 2026-03-14 09:26 UTC, 5,472 requests in 90 s"
    assert lines[-1].startswith(last)


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ("void", "void.json: void: worker 1 used 100% of its core at times"),
        (
            "faster asked",
            "not the same load: their rates differ: steady 20 to 20 a second, and steady 40 to 40 a second",
        ),
        ("closed", "not the same load: their models differ: open, and closed"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    second: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One error says why, and nothing is said of the runs."""
    assert main(["compare", stored(tmp_path, "before"), stored(tmp_path, second)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert error in printed.err
    assert printed.err.count("\n") == 2


def test_reports_are_compared_by_their_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report has its run in load/; one without any, or with several, is told as it is."""
    for name, second in (("one", "before"), ("two", "alike")):
        write(run(second), tmp_path / name / "load" / "gate.json")
    assert main(["compare", str(tmp_path / "one"), str(tmp_path / "two")]) == 0
    write(replace(run("alike"), target="https://other.test"), tmp_path / "two" / "load" / "spike.json")
    assert main(["compare", str(tmp_path / "one"), str(tmp_path / "two")]) == 2
    assert "has 2 runs of load: gate.json, spike.json" in capsys.readouterr().err
    assert main(["compare", str(tmp_path), str(tmp_path / "two")]) == 2
    assert "has no run of load" in capsys.readouterr().err


@pytest.mark.parametrize("margin", ["-1", "much", "1e9"])
def test_margin_is_a_share(margin: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is told by the command line itself."""
    with pytest.raises(SystemExit):
        main(["compare", "a", "b", "--margin", margin])
    assert "--margin" in capsys.readouterr().err
