"""A search for the largest rate in a report: on the page, in the files, and back from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plimsoll.observations.load import CapacityRecord, Level
from plimsoll.redact import Redactor
from plimsoll.report import read, summary, write
from plimsoll.rules.capacity.answers import answered
from plimsoll.rules.capacity.search import next_rate
from tests.capacity.test_search import capacity
from tests.capacity.waiting_line import level, run_of
from tests.report.conftest import MakeVerdict, Sample


def searched() -> CapacityRecord:
    """A search on two servers of 20 ms each."""
    levels: list[Level] = []
    while True:
        rate, end = next_rate(levels, 30.0)
        if end:
            return answered(capacity(levels, end), promises=["SP-HEA-04"])
        levels.append(level(run_of(rate, servers=2, service=0.02), rate))


def test_a_search_is_on_the_page_and_in_the_files(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """The answer first, the levels in a table, and all of it comes back from verdict.json."""
    found = searched()
    verdict = replace(make_verdict([sample.broken()]), capacities=(found,))

    page = write(verdict, tmp_path, redact=Redactor()).read_text(encoding="utf-8")

    assert found.answer in page
    assert page.count('<th scope="row">') >= len(found.seen.levels)
    assert "of its processors" in page
    assert read(tmp_path / "verdict.json").capacities == (found,)
    said = summary(verdict, report=tmp_path, redact=Redactor()).replace("\n", " ")
    assert "queue keeps its promises up to" in said


def test_a_run_without_a_search_says_nothing_of_any(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """No empty section."""
    page = write(make_verdict([sample.broken()]), tmp_path, redact=Redactor()).read_text(encoding="utf-8")

    assert 'id="capacity"' not in page
