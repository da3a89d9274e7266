"""What a run says of drills under traffic: releases, bad ones and faults, in words, as a picture, in a table."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plimsoll.observations.drills.record import record
from plimsoll.observations.drills.rollouts import CLOSED, KEPT, KILLED, SHARED, Change, Rolled
from plimsoll.observations.drills.served import Served
from plimsoll.redact import Redactor
from plimsoll.report import read, write
from plimsoll.report.clean import clean
from plimsoll.report.drill_words import line, told
from plimsoll.report.timeline import timeline
from tests.report import served

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample


def of(seen: Rolled) -> Served:
    """What such a drill came to."""
    it = record(seen).served
    assert it is not None
    return it


def test_story_of_a_release() -> None:
    """What clients had, when they got the other, what failed, what was refused, rows, and the control."""
    assert told(record(served.released())) == (
        "Clients had 1.0.0. "
        "1.1.0 reached clients after 1.5 s; "
        "0 of 141 requests failed, and the longest wait for a good answer was 36 ms. "
        "1.0.0 was back after 500 ms; 0 of 61 requests failed, and the longest wait for a good answer was 36 ms. "
        "1 of 1 that had something wrong on purpose were refused (back-to-nothing); 0 of 36 requests failed meanwhile. "
        "220 rows were confirmed: none is lost, and none is there twice. "
        "At 11.0 s the application was killed on purpose, and 40 requests failed: failures are counted."
    )
    assert line(record(served.released())) == (
        "release: 1.1.0 reached clients after 1.5 s, taken back after 500 ms, 0 of 202 requests failed; "
        "1 of 1 refused, 0 of 36 requests failed"
    )
    assert record(served.released()).came_back


def test_bad_release_is_told_with_what_it_did_to_clients() -> None:
    """Who met it, what failed and why; and where it stayed, that comes first and is no success."""
    story = told(record(served.bad()))
    assert "1 of 1 that had something wrong on purpose were noticed and taken back (crashing); " in story
    assert "Clients met 1.1.1 (20 answers) meanwhile." in story
    assert "Most failed with crashing: 20 of 181 (status 502: 20)." in story
    assert line(record(served.bad())) == ("bad releases: 1 of 1 noticed and taken back, 20 of 181 requests failed")
    stayed = record(served.bad(kept=True))
    assert "crashing: it went through as if all were well, and it left clients with 1.1.1, not 1.0.0." in told(stayed)
    assert line(stayed).startswith("bad releases: 0 of 1 noticed and taken back, not crashing, ")
    assert (record(served.bad()).came_back, stayed.came_back) == (True, False)


def test_what_is_wrong_comes_first() -> None:
    """Lost and doubled rows, and figures that show nothing as nobody noticed the control."""
    it = record(served.lost(served.released()))
    assert line(it).startswith(
        "release: 3 of 220 confirmed rows lost; 1 of 220 confirmed rows there twice; failures could not be counted; "
        "1.1.0 reached "
    )
    assert "3 of them are lost, and 1 are there twice." in told(it)
    assert "and nobody noticed: these figures show nothing." in told(it)
    assert not it.came_back


def test_release_that_did_not_arrive_is_said_to_be_elsewhere() -> None:
    """A command that says that all is well is believed no more than what clients get."""
    seen = served.released()
    changes = tuple(replace(each, after=served.OLD) if each.name == "release" else each for each in seen.changes)
    it = record(replace(seen, changes=changes))
    assert "Release said that all is well, and clients have 1.0.0, not 1.1.0; 0 of 141 requests failed" in told(it)
    assert not it.came_back


@pytest.mark.parametrize(
    ("meant", "code", "said", "good"),
    [
        (SHARED, 0, "1.1.0 reached some clients after 1.5 s", True),
        (KEPT, 0, "release said that all is well, and clients have 1.1.0, not 1.0.0", False),
        (CLOSED, 0, "after release 0 of 201 requests were turned away, ", True),
        (SHARED, 1, "release ended with 1 and left clients with 1.1.0", False),
        (KILLED, 137, "1 of 1 killed half-way left clients well, 0 of 141", True),
        (KILLED, 0, "0 of 1 killed half-way left clients well, not release, 0 of 141", False),
    ],
)
def test_each_change_is_held_to_what_was_meant(meant: str, code: int, said: str, good: bool) -> None:
    """A share, a migration, a maintenance page, and a script that is killed are no releases to everybody."""
    seen = served.released()
    changes = tuple(replace(each, meant=meant, code=code) if each.name == "release" else each for each in seen.changes)
    it = record(replace(seen, changes=changes))
    assert said in line(it)
    assert it.came_back is good


def test_requests_are_counted_once_each() -> None:
    """However they are gathered: each answer with its release, each failure where it belongs."""
    seen = served.bad()
    it = of(seen)
    answered = sum(sum(stretch.answered.values()) for stretch in it.stretches)
    failed, meant = (sum(getattr(stretch, name) for stretch in it.stretches) for name in ("failed", "meant"))
    assert (failed, meant) == (20, 40)
    assert answered + failed + meant == len(seen.testimony.writes) + len(seen.testimony.reads)
    assert it.releases == (served.OLD, served.BAD)
    assert sum(stretch.answered.get(served.BAD, 0) for stretch in it.stretches) == 20
    assert it.astray == 0


def test_failures_outside_of_any_change_are_told() -> None:
    """What failed while nothing was done is on nobody's account, and is said."""
    seen = served.bad()
    later = tuple(replace(each, began=each.began + 3.5, ended=7.0, settled=7.5) for each in seen.changes)
    assert of(replace(seen, changes=later)).astray == 20
    assert "20 requests failed while nothing was done" in line(record(replace(seen, changes=later)))


def test_who_is_turned_away_by_a_maintenance_page_is_so_on_purpose() -> None:
    """Until the next change begins."""
    seen = served.bad()
    begin = Change(name="begin", command="begin", code=0, began=4.0, ended=4.4, before=served.OLD, meant=CLOSED)
    end = Change(name="end", command="end", code=0, began=5.5, ended=5.6, settled=6.0, before="", after=served.OLD)
    it = of(replace(seen, changes=(begin, end)))
    assert (it.changes[0].asked, it.changes[0].failed) == (61, 20)
    assert (it.astray, sum(stretch.meant for stretch in it.stretches)) == (0, 60)


def test_picture_of_a_release() -> None:
    """Bars by release, lines where clients met another, a phase for each change with what became of it."""
    svg = timeline(record(served.released()), "d")
    assert svg.count('class="release-0"') > 40
    assert svg.count('class="release-1"') > 20
    assert 'class="failed"' not in svg
    assert svg.count('class="meant"') >= 5
    assert "control: killed, 11.0 s" in svg
    lines = [float(x) for x in re.findall(r'class="shift" x1="([\d.]+)%"', svg)]
    bars = [float(x) for x in re.findall(r'class="release-1" x="([\d.]+)%"', svg)]
    assert len(lines) == 2
    assert abs(lines[0] - min(bars)) < 1.5
    assert "1.0.0 → 1.1.0" in svg
    assert "refused" in svg
    assert 'class="phase wrong"' not in svg


def test_picture_of_a_bad_release_that_stayed() -> None:
    """What failed hangs, and the change is drawn as one that went wrong."""
    svg = timeline(record(served.bad(kept=True)), "d")
    assert 3 <= svg.count('class="failed"') <= 6
    assert 'class="phase wrong"' in svg
    assert "went through, 20 failed" in svg


def test_faults_are_told() -> None:
    """How many were there and healed, the slowest and the worst, rows and jobs, and what was not tried."""
    assert told(record(served.befallen())) == (
        "2 faults were tried, and 2 of them were there; after 2 clients were all served well again without an "
        "operator. The longest until all was well again took database-killed, 1.0 s after its end. "
        "80 of 122 requests failed, most of them with database-killed: 80 of 81 (status 503: 80). "
        "None failed with cache-killed. The longest wait for a good answer was 2.0 s, with database-killed. "
        "200 rows were confirmed: none is lost, and none is there twice. "
        "2 jobs waited in the queue, and none vanished. Not tried: replica-killed, there is one app only."
    )
    assert line(record(served.befallen())) == (
        "faults: 2 of 2 faults healed, the slowest after 1.0 s (database-killed), 80 of 122 requests failed"
    )


def test_fault_that_does_not_heal_or_was_not_there_is_told() -> None:
    """Neither counts as healed."""
    it = record(served.befallen(heals=False))
    assert "1 of 2 faults healed, not database-killed" in line(it)
    assert "database-killed: clients were not all well afterwards, and an operator had to help." in told(it)
    assert not it.came_back
    seen = served.befallen()
    missed = tuple(replace(each, landed="", trouble="it went on") for each in seen.faults)
    assert "it is not known that the fault was there: it went on." in told(record(replace(seen, faults=missed)))
    vanished = replace(seen, vanished=("a",))
    assert line(record(vanished)).startswith("faults: 1 of 2 queued jobs vanished; ")


def test_health_endpoints_name_the_culprit() -> None:
    """What each said while the fault was there, and whom a detailed one named."""
    it = record(served.befallen()).served
    assert it is not None
    live, ready, detailed = it.faults[1].voices
    assert (live.asked, live.well, live.said) == (10, 10, "")
    assert (ready.well, ready.said) == (1, "status 503")
    assert detailed.said == "status 503, it names database"


def test_picture_of_faults() -> None:
    """The time of each is shaded, and it has a phase."""
    svg = timeline(record(served.befallen()), "d")
    assert svg.count('class="outage"') == 2
    assert "database-killed" in svg
    assert "80 failed" in svg


def test_page_and_files_have_it(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """A table of changes, one of faults, both in the files for scripts; read back it is the same."""
    journals = tuple(record(seen) for seen in (served.released(), served.bad(), served.befallen()))
    verdict = replace(make_verdict((sample.kept(1),)), journals=journals)
    page = write(verdict, tmp_path, redact=Redactor()).read_text()
    assert "1.0.0, then 1.1.0 after 1.5 s" in page
    assert "has to be refused, or taken back" in page
    assert "1.0.0, again after 3.0 s" in page
    assert "20 of 181" in page
    assert "detailed: not well, 8 of 8 times" in page
    assert "answered by 1.1.0" in page
    assert read(tmp_path / "verdict.json") == clean(verdict, redact=Redactor())
    document = json.loads((tmp_path / "drills" / "bad-releases.json").read_text())
    change = document["served"]["changes"][0]
    assert (change["before"], change["after"], change["failed"], change["meant"]) == ("1.0.0", "1.0.0", 20, "refused")


def test_runs_of_before_are_read(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """A stored drill without any word of what clients were served is shown as it was."""
    verdict = replace(make_verdict((sample.kept(1),)), journals=(record(served.released()),))
    write(verdict, tmp_path, redact=Redactor())
    file = tmp_path / "verdict.json"
    document = json.loads(file.read_text())
    del document["drills"][0]["served"]
    file.write_text(json.dumps(document))
    again = read(file)
    assert again.journals[0].served is None
    assert (
        line(again.journals[0])
        == "release: 3 commands were run in 5.9 s, and none failed but 1 with something wrong on purpose"
    )
    assert "Timeline of release" in write(again, tmp_path / "again", redact=Redactor()).read_text()
