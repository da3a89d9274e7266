"""What a run says of its drills: in words, as a picture, in figures, for people and for scripts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plimsoll.model import Verdict
from plimsoll.observations.drills import Difference, Drilled, Entry, Journal, MomentRecovery
from plimsoll.observations.drills.record import Regained, record
from plimsoll.redact import Redactor
from plimsoll.report import read, summary, write
from plimsoll.report.clean import clean
from plimsoll.report.drill_words import at_full_size, headroom, line, size, told
from plimsoll.report.timeline import timeline
from tests.report import drilled

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample


@pytest.fixture
def verdict(sample: Sample, make_verdict: MakeVerdict) -> Verdict:
    """A run with two recoveries, refusals and a fortnight behind it."""
    findings = (sample.kept(1), sample.broken(2), sample.unknown(3))
    journals = drilled.records([finding.promise.id for finding in findings])
    return replace(make_verdict(findings), journals=journals, history=drilled.nights(14))


def regained(**changes: object) -> Regained:
    """The recovery from a dump, with changes."""
    back = record(drilled.recovered(), target=50 * 10**9).regained
    assert back is not None
    return replace(back, **changes)  # type: ignore[arg-type] # fields of whatever type


def test_story_says_what_was_lost_and_why() -> None:
    """The disaster, what was confirmed, what of it is gone and since when, and where the time went."""
    assert told(record(drilled.recovered())) == (
        "At 4.2 s: the database is lost with all its data. 208 rows had been confirmed by then; 64 of them, "
        "confirmed after the backup had begun at 2.9 s, are not back: a backup holds what there was when it was made. "
        "The newest row that came back was confirmed 1.3 s before the disaster. "
        "1 row that nobody had confirmed came back too, which is no loss. "
        "It was seen to serve again after 3.4 s: detect 0.2, fetch 0.1, restore 2.0, start 0.6, verify 0.5."
    )


def test_story_leaves_no_second_out() -> None:
    """Time between phases is told, so that the parts make the whole."""
    it = record(drilled.recovered())
    assert it.regained is not None
    slower = replace(it, regained=replace(it.regained, seconds=it.regained.seconds + 0.4))
    assert "after 3.8 s: detect 0.2, fetch 0.1, restore 2.0, start 0.6, verify 0.5, between them 0.4." in told(slower)


def test_story_says_what_should_not_have_been_lost() -> None:
    """Rows confirmed before the backup are named as such, and what did not come up is not said to have."""
    story = told(record(drilled.recovered(healthy=False, keeps=2.0)))
    assert "109 of them are not back, of which 45 had been confirmed before the backup at 2.9 s." in story
    assert "It did not serve again" in story
    assert "to serve again after" not in story


def test_story_names_what_changed() -> None:
    """A few of many changes, and sequences that would collide."""
    changed = tuple(Difference(what=f"grant {n}", before="app", after="") for n in range(5))
    story = told(record(replace(drilled.recovered(), changed=changed, lagging=("trips_id_seq",))))
    may = "of kinds that backups may leave out"
    assert f"5 things not as before, {may}: see below." in story
    assert "collides: trips_id_seq" in story
    worse = (*changed, Difference(what="table trips", before="5 rows", after=""))
    worst = told(record(replace(drilled.recovered(), changed=worse)))
    assert "Not as before: grant 0: app before, not there after; grant 1" in worst
    assert "and 3 more" in worst
    assert f"5 things not as before, {may}" in line(record(replace(drilled.recovered(), changed=changed)))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "dump recovery: 64 of 208 confirmed rows lost (all after the backup), served again after 3.4 s"),
        (1, "files recovery: 109 of 208 confirmed rows lost (45 of them before the backup), did not serve again"),
        (
            2,
            (
                "restore refusals: the control worked; 1 of 2 other attempts were refused or reported. "
                "It went through with: an archive of another database. "
                "Something was changed by: an archive of another database. "
                "Something was left by: an archive of another database"
            ),
        ),
    ],
)
def test_line_for_the_terminal(number: int, expected: str) -> None:
    """One line says how it went."""
    assert line(drilled.records()[number]) == expected


def test_moment_tells_what_should_be_gone() -> None:
    """What came before it is back, what came after it is gone, which is no loss; what is there all the same is told."""
    dump = drilled.recovered()
    rows = {w.number for w in dump.testimony.acknowledged if w.sent < 2.0 or w.sent > drilled.BACK}
    fields = {name: getattr(dump, name) for name in ("journal", "testimony", "disaster", "healthy", "writes_again")}
    seen = MomentRecovery(
        **fields, seen_at=drilled.STARTED, backup_at=1.0, moment=2.5, loss=dump.testimony.loss(rows, disaster=2.5)
    )
    it = record(seen)
    story = told(it)
    assert (
        "It was led back to the moment 2.5 s. 124 rows had been confirmed by then; 25 of them are not back, " in story
    )
    assert "83 rows confirmed after it are gone, as they should; 0 of what came after it are there" in story
    assert not it.came_back
    assert "the moment to go back to, 2.5 s" in timeline(it, "d")
    all_of_them = replace(seen, loss=dump.testimony.loss({w.number for w in dump.testimony.writes}, disaster=2.5))
    assert record(all_of_them).came_back
    assert line(record(all_of_them)).startswith("dump recovery: none of 124 confirmed rows lost, served again")


def test_nothing_lost_and_nothing_counted_are_different() -> None:
    """Who could not count does not say that nothing was lost."""
    nothing = drilled.recovered(keeps=drilled.DISASTER + 1)
    assert line(record(nothing)).startswith("dump recovery: none of 208 confirmed rows lost, ")
    assert line(record(replace(nothing, loss=None))).startswith("dump recovery: what was lost could not be counted, ")


def test_drill_that_stopped_says_so() -> None:
    """With the reason, first."""
    journal = Journal(drill="restore test", says="", started=drilled.STARTED, trouble="no backup was made")
    it = record(Drilled(journal=journal, seen_at=drilled.STARTED))
    assert told(it).startswith("The drill did not come to its end: no backup was made.")
    assert line(it) == "restore test: did not come to its end: no backup was made"
    assert not it.came_back


def test_drill_without_a_disaster_tells_of_its_commands() -> None:
    """How many were run, and the first that failed."""
    ran = Entry(at=0.1, kind="command", what="backup", code=0, seconds=1.0)
    journal = Journal(drill="restore test", says="", started=drilled.STARTED, entries=(ran,))
    good = record(Drilled(journal=journal, seen_at=drilled.STARTED))
    assert line(good) == "restore test: 1 command was run, and none failed"
    failed = replace(journal, entries=(ran, replace(ran, what="verify", code=3)))
    bad = record(Drilled(journal=failed, seen_at=drilled.STARTED))
    assert line(bad) == "restore test: 2 commands were run; the first that failed ended with 3: verify"
    assert (good.came_back, bad.came_back) == (True, False)


def test_what_failed_on_purpose_is_no_failure() -> None:
    """A command that was tried with something wrong is told of as such, and spoils no rehearsal."""
    ran = Entry(at=0.1, kind="command", what="backup", code=0, seconds=1.0)
    tried = replace(ran, what="backup on a full disk", code=1, tried=True)
    journal = Journal(drill="retention", says="", started=drilled.STARTED, entries=(ran, tried))
    it = record(Drilled(journal=journal, seen_at=drilled.STARTED))
    assert line(it) == "retention: 2 commands were run, and none failed but 1 with something wrong on purpose"
    assert it.came_back
    worse = replace(journal, entries=(tried, replace(ran, code=2)))
    assert line(record(Drilled(journal=worse, seen_at=drilled.STARTED))).endswith("that failed ended with 2: backup")


def test_drill_without_commands_tells_of_its_harm() -> None:
    """What was done to the stack, where nobody typed anything."""
    harm = Entry(at=0.1, kind="act", what="kill of postgres", destructive=True)
    journal = Journal(drill="persistence", says="", started=drilled.STARTED, entries=(harm, replace(harm, at=0.5)))
    it = record(Drilled(journal=journal, seen_at=drilled.STARTED))
    assert line(it) == "persistence: the stack was harmed 2 times"
    assert it.came_back


def test_extrapolation_is_said_to_be_one() -> None:
    """With its band, its method, what it rests on and how far it goes; or that there is none."""
    said = at_full_size(regained())
    assert said.startswith("Extrapolated, with the 50.0 GB of production it takes about 1 h 9 min, between ")
    assert "a straight line through 3 measurements" in said
    assert "2,083 times the largest measured" in said
    one = at_full_size(regained(points=((10, 1.0), (10, 1.1))))
    assert one == (
        "The time with the 50.0 GB of production cannot be extrapolated: it takes two different sizes at least."
    )
    assert at_full_size(regained(target=0)) == ""


def test_headroom_names_the_fastest() -> None:
    """And by how much it is faster than the slowest."""
    assert headroom(regained()) == (
        "The same data by other means, copy and start included: pg_basebackup and start 900 ms, pg_restore -j2 1.8 s; "
        "pg_basebackup and start is 2.0 times as fast."
    )
    assert headroom(regained(fastest={})) == ""


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (5 * 10**10, "50.0 GB")]
)
def test_sizes_are_read_at_once(count: int, words: str) -> None:
    """In powers of a thousand."""
    assert size(count) == words


def test_picture_shows_what_the_words_say() -> None:
    """Each phase with its seconds, the disaster, the backup, the outage, and lost rows where they were written."""
    it = record(drilled.recovered())
    svg = timeline(it, "drill-1")
    assert svg.count('class="phase recovery"') == 5
    assert svg.count('class="phase other"') == 2
    assert "disaster, 4.2 s" in svg
    assert "backup begun, 2.9 s" in svg
    assert "first good read, 7.6 s (none for 3.4 s)" in svg
    places = [float(x) for x in re.findall(r'class="lost" x="([\d.]+)%"', svg)]
    scale = [float(x) for x in re.findall(r'class="(?:backup|disaster)" x1="([\d.]+)%"', svg)]
    assert len(places) > 5
    assert scale[0] - 2 < min(places)
    assert max(places) < scale[1] + 2
    assert f'<desc id="drill-1-desc">{told(it)}' in svg


def test_rows_are_counted_once_each() -> None:
    """However they are gathered for the picture, no row is lost twice or forgotten."""
    seen = drilled.recovered()
    it = record(seen).regained
    assert it is not None
    assert it.gone is not None
    assert sum(slot.lost for slot in it.slots) == it.gone.rows == 64
    assert sum(slot.refused for slot in it.slots) == sum(write.acked is None for write in seen.testimony.writes)
    assert sum(slot.kept + slot.lost + slot.refused for slot in it.slots) == len(seen.testimony.writes)
    assert it.gone.missing == ((145, 208),)


def test_picture_of_nothing_is_none() -> None:
    """A drill that never began has no line of time."""
    assert (
        timeline(
            record(Drilled(journal=Journal(drill="x", says="", started=drilled.STARTED), seen_at=drilled.STARTED)), "d"
        )
        == ""
    )


def test_each_drill_is_a_file_for_scripts(verdict: Verdict, tmp_path: Path) -> None:
    """With its facts and each figure beside its promise; two of one name do not hide each other."""
    twice = replace(verdict, journals=(*verdict.journals, verdict.journals[0]))
    write(twice, tmp_path, redact=Redactor())
    names = sorted(path.name for path in (tmp_path / "drills").iterdir())
    assert names == ["dump-recovery.json", "dump-recovery~2.json", "files-recovery.json", "restore-refusals.json"]
    document = json.loads((tmp_path / "drills" / "dump-recovery.json").read_text())
    assert document["deployment"] == "sample"
    assert document["journal"]["phases"][4] == {"name": "restore", "started": 4.5, "finished": 6.5}
    assert document["regained"]["gone"]["missing"] == [[145, 208]]
    assert document["regained"]["outage"] == [4.2, 7.6]
    assert document["extrapolation"]["points"] == 3
    assert [each["outcome"] for each in document["promises"]] == ["pass", "fail", "unknown"]
    everything = json.loads((tmp_path / "verdict.json").read_text())
    assert everything["drills"][0]["journal"] == document["journal"]
    assert everything["history"]["rehearsals"][0]["at"] == "2026-02-28T09:26:53Z"
    assert read(tmp_path / "verdict.json") == clean(twice, redact=Redactor())


def test_summary_has_a_line_for_each_drill(verdict: Verdict) -> None:
    """Before the worst findings, cut to the width."""
    lines = summary(verdict, report=Path("r.html"), redact=Redactor(), width=80).splitlines()
    assert [each.partition(":")[0] for each in lines[2:5]] == ["dump recovery", "files recovery", "restore refusals"]
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 20 + 3


def test_page_has_the_drills_before_the_findings(verdict: Verdict, tmp_path: Path) -> None:
    """Each figure leads to its promise, the commands are there with code and output, and what refusals left."""
    page = write(verdict, tmp_path, redact=Redactor(["restored: 14 tables"])).read_text()
    assert page.index('id="drills"') < page.index('id="findings"')
    assert '<a href="#SP-HEA-02">' in page
    assert drilled.RESTORE in page
    assert "set aside: sample_20260314" in page
    assert "left /var/backups/sample/db_wiki.sql.gz" in page
    assert "restored: 14 tables" not in page
    assert "history.jsonl:7 is not JSON" in page
