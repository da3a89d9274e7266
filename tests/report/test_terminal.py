"""The summary fits a screen and names the worst first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plimsoll.model import expired, holes_of
from plimsoll.redact import Redactor
from plimsoll.report import summary
from tests.report.conftest import STARTED

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample

DAY = timedelta(days=1)
REPORT = Path("reports/latest/report.html")


def test_summary_names_the_worst_first(sample: Sample, make_verdict: MakeVerdict) -> None:
    """Broken before could not tell; what is out of reach or waived is counted, not named."""
    findings = (
        sample.kept(1),
        sample.unknown(2, out_of_reach=True),
        sample.unknown(3),
        sample.broken(4, waiver=sample.waiver()),
        sample.broken(5),
    )
    text = summary(make_verdict(findings), report=REPORT, redact=Redactor())
    lines = text.splitlines()
    assert lines[0] == "1 promise broken: sample on processes, 3.2 s"
    assert lines[1] == ("1 kept, 2 broken (1 waived), 2 could not tell (1 out of reach of this run)")
    assert [line for line in lines if line.startswith(("broken", "could"))] == [
        f"broken: {findings[4].promise.id} {findings[4].promise.title}",
        f"could not tell: {findings[2].promise.id} {findings[2].promise.title}",
    ]
    assert lines[-1] == f"report: {REPORT}"


@pytest.mark.parametrize("size", [1, 34, 500])
@pytest.mark.parametrize("width", [40, 80, 100])
def test_summary_fits_a_screen(size: int, width: int, sample: Sample, make_verdict: MakeVerdict) -> None:
    """However many promises there are, it is twenty lines and no wider than asked for."""
    lines = summary(
        make_verdict(sample.mixed(size)), report=Path("r.html"), redact=Redactor(), width=width
    ).splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    ("kinds", "headline"),
    [
        ("", "Could not tell"),
        ("far", "Could not tell"),
        ("kept", "Every judged promise kept"),
        ("kept far", "Every judged promise kept"),
        ("kept waived", "Every judged promise kept or waived"),
        ("kept known", "Every judged promise kept or known"),
        ("kept waived known", "Every judged promise kept or waived or known"),
        ("known", "Could not tell"),
        ("waived known", "Could not tell"),
        ("known broken", "1 promise broken"),
        ("kept expired", "1 waiver expired"),
        ("broken expired", "1 promise broken, 1 waiver expired"),
        ("kept unknown", "Could not tell"),
        ("kept broken", "1 promise broken"),
        ("broken broken", "2 promises broken"),
    ],
)
def test_headline_agrees_with_the_exit_code(
    kinds: str, headline: str, sample: Sample, make_verdict: MakeVerdict
) -> None:
    """The words never sound safer than the verdict."""
    makers = {
        "kept": sample.kept(),
        "far": sample.unknown(out_of_reach=True),
        "unknown": sample.unknown(),
        "waived": sample.broken(waiver=sample.waiver()),
        "broken": sample.broken(),
        "known": replace(sample.holed(), known=True),
        "expired": next(expired((sample.broken(waiver=sample.waiver(expires=STARTED.date() - DAY)),), STARTED.date())),
    }
    verdict = make_verdict([makers[kind] for kind in kinds.split()])
    assert summary(verdict, report=REPORT, redact=Redactor()).startswith(f"{headline}: ")
    assert {"E": 0, "C": 2}.get(headline[0], 1) == verdict.exit_code


def test_colour_only_adds_escapes_of_our_own(sample: Sample, make_verdict: MakeVerdict) -> None:
    """An escape sequence in a server's words reaches no terminal, coloured or not."""
    finding = sample.promise().broken(expected="", actual="", message="\x1b]0;owned\x07\x9b31m \u202e", hint="a\nb")
    verdict = make_verdict((finding,))
    plain = summary(verdict, report=REPORT, redact=Redactor())
    coloured = summary(verdict, report=REPORT, redact=Redactor(), colour=True)
    assert r"\x1b]0;owned\x07\x9b31m \u202e" in plain
    assert coloured.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == plain
    assert plain.isprintable() or set(plain) - {"\n"} == {c for c in plain if c.isprintable()}


@pytest.mark.parametrize("width", [40, 100])
def test_notes_on_waivers_and_baseline_fit_beside_the_worst(
    width: int, sample: Sample, make_verdict: MakeVerdict
) -> None:
    """A line each, and still twenty lines in all."""
    idle, failed = sample.kept(7), sample.holed(holes=2)
    idle = replace(idle, promise=replace(idle.promise, waiver=sample.waiver()))
    known = replace(failed, holes=tuple(replace(hole, known=True) for hole in failed.holes), known=True)
    run = make_verdict((idle, known, *sample.mixed(80)))
    run = replace(run, baseline="deploy/baseline.json", gone=tuple(holes_of((failed,))))
    lines = summary(run, report=Path("r.html"), redact=Redactor(), width=width).splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= width
    if width == 100:
        assert lines[3:6] == [
            f"1 waiver no longer needed: {idle.promise.id}",
            "2 holes known since baseline.json was written",
            "2 known holes gone: write the baseline again",
        ]
