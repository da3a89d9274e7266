"""The history of drills: lines that many runs add side by side, and that no broken line spoils."""

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.observations.drills import Census, Difference, Rehearsal, Table
from plimsoll.observations.drills.history import FILE, NoRehearsal, of_line, rehearsal
from plimsoll.observations.drills.record import record
from plimsoll.probes.history import history
from plimsoll.redact import Redactor
from plimsoll.report import add, shown
from tests.disks import fill, small_disk
from tests.report import drilled

NIGHT = Rehearsal(
    run="20260301-020000-abcdef",
    at=datetime(2026, 3, 1, 2, tzinfo=UTC),
    deployment="shop",
    stack="containers",
    drill="dump",
    good=True,
    outcome="pass",
    rto=3.4,
    rpo_seconds=1.3,
    rpo_rows=57,
    data_bytes=24_000_000,
    medium="ext4",
)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
figures = st.none() | st.floats(min_value=0, max_value=1e9)
rehearsals = st.builds(
    Rehearsal,
    run=texts,
    at=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001 - given its zone
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
    deployment=texts,
    stack=texts,
    drill=texts,
    good=st.booleans(),
    outcome=texts,
    rto=figures,
    rpo_seconds=figures,
    rpo_rows=st.none() | st.integers(min_value=0, max_value=10**12),
    data_bytes=st.none() | st.integers(min_value=0, max_value=10**15),
    medium=texts,
)


@given(each=rehearsals)
def test_line_is_read_as_it_was_written(each: Rehearsal) -> None:
    """Whatever its texts hold, it is one line, and says the same again."""
    line = each.line()
    assert line.count("\n") == 1
    assert of_line(line) == each


@given(line=st.text(max_size=60) | st.recursive(st.none() | st.booleans() | texts, st.lists).map(json.dumps))
def test_any_other_line_is_refused_in_a_few_words(line: str) -> None:
    """Never with anything but the one error, and never taken for a rehearsal."""
    with pytest.raises(NoRehearsal):
        of_line(line)


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("at", "yesterday", "at is no moment"),
        ("at", "2026-03-01T02:00:00", "at is a moment without its zone"),
        ("good", "yes", "good is neither true nor false"),
        ("rto", -1, "rto is not a figure"),
        ("rpo_rows", True, "rpo_rows is not a figure"),
        ("drill", None, "drill is not a text"),
        ("data_bytes", float("inf"), "a count is not finite"),
    ],
)
def test_wrong_member_is_named(member: str, value: object, why: str) -> None:
    """Whoever edits the file is told what is wrong."""
    line = json.dumps({**json.loads(NIGHT.line()), member: value})
    with pytest.raises(NoRehearsal, match=why):
        of_line(line)


def test_history_is_of_one_deployment_and_in_order(tmp_path: Path) -> None:
    """Oldest first, whoever wrote when."""
    later = replace(NIGHT, at=NIGHT.at + timedelta(days=1))
    add(tmp_path, [later, replace(NIGHT, deployment="other")], redact=Redactor())
    add(tmp_path, [NIGHT], redact=Redactor())
    assert history(tmp_path, "shop").rehearsals == (NIGHT, later)
    assert history(tmp_path, "nobody").trouble == "no earlier drill of nobody is known"


def test_torn_line_spoils_no_other(tmp_path: Path) -> None:
    """A run that was killed while it wrote leaves half a line: it is told, and the next one begins anew."""
    add(tmp_path, [NIGHT], redact=Redactor())
    with (tmp_path / FILE).open("a") as file:
        file.write(NIGHT.line()[:40])
    later = replace(NIGHT, at=NIGHT.at + timedelta(days=1))
    add(tmp_path, [later], redact=Redactor())
    known = history(tmp_path, "shop")
    assert known.rehearsals == (NIGHT, later)
    assert known.unread == ((2, "is not JSON"),)
    assert known.trouble == "history.jsonl:2 is not JSON"


def test_full_disk_costs_no_earlier_line(tmp_path: Path) -> None:
    """What does not fit is not there by half, and the error says what helps."""
    reports = tmp_path / "reports"
    with small_disk(reports, "64k"):
        add(reports, [NIGHT], redact=Redactor())
        fill(reports)
        with pytest.raises(PlimsollError, match="jsonl") as caught:
            add(reports, [NIGHT] * 100, redact=Redactor())
        known = history(reports, "shop")

    assert "free some space" in caught.value.hint
    assert (known.rehearsals, known.unread) == ((NIGHT,), ())


def test_no_history_is_empty_and_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    """Nothing known is no error; a file that cannot be read is one."""
    assert history(tmp_path / "nowhere", "shop").amount == 0
    (tmp_path / FILE).mkdir()
    with pytest.raises(CouldNotLook, match="cannot be read"):
        history(tmp_path, "shop")
    with pytest.raises(PlimsollError, match="cannot be written"):
        add(tmp_path, [NIGHT], redact=Redactor())


def test_secrets_stay_out(tmp_path: Path) -> None:
    """What is registered as secret is in no line."""
    add(tmp_path, [replace(NIGHT, medium="ext4 at hunter22")], redact=Redactor(["hunter22"]))
    assert "hunter22" not in (tmp_path / FILE).read_text()


def _add_many(reports: Path, run: int) -> None:
    for drill in range(20):
        add(reports, [replace(NIGHT, run=f"run-{run}", drill=f"drill-{drill}", medium="x" * 5000)], redact=Redactor())


def test_runs_side_by_side_lose_no_line(tmp_path: Path) -> None:
    """Four processes add at the same time: every line is there, and whole."""
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        wait([pool.submit(_add_many, tmp_path, run) for run in range(4)])
    known = history(tmp_path, "shop")
    assert known.unread == ()
    assert len({(each.run, each.drill) for each in known.rehearsals}) == 80


def test_drill_becomes_a_line() -> None:
    """With its figures; refusals have none."""
    back = rehearsal(record(drilled.recovered()), run="r", deployment="shop", stack="processes", outcome="pass")
    assert (back.good, back.rto, back.rpo_rows, back.data_bytes) == (True, 3.4, 64, 24_000_000)
    assert back.rpo_seconds == pytest.approx(1.3, abs=0.05)
    late = rehearsal(record(drilled.recovered(keeps=2.0)), run="r", deployment="shop", stack="processes")
    assert not late.good
    tried = rehearsal(record(drilled.refusals()), run="r", deployment="shop", stack="processes")
    assert (tried.rto, tried.rpo_rows) == (None, None)


def test_what_backups_leave_out_fails_no_rehearsal() -> None:
    """Grants and sessions may be missing; a table may not, and where keys are all there is, they may not either."""
    seen, table = drilled.recovered(), Table(name="trips", rows=3, checksum="9f8c")

    def came_back(what: str, *tables: Table) -> bool:
        change = Difference(what=what, before="so", after="other")
        return record(replace(seen, changed=(change,), before=Census(tables=tables))).came_back

    assert came_back("grant app on trips", table)
    assert came_back("key session:1", table)
    assert not came_back("table trips", table)
    assert not came_back("key session:1")


def test_page_shows_the_newest(tmp_path: Path) -> None:
    """Two months of nights, of each drill."""
    many = [replace(NIGHT, at=NIGHT.at + timedelta(days=n), drill=drill) for n in range(100) for drill in ("a", "b")]
    add(tmp_path, many, redact=Redactor())
    kept = shown(history(tmp_path, "shop")).rehearsals
    assert len(kept) == 120
    assert kept[0].at == NIGHT.at + timedelta(days=40)
