"""Whole runs on an old code base: what is known or waived does not fail them, what is new does; all stays in sight."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from tests.runs.place import BASELINE, POLICY, Ended, Place

HEALTH = "ART-CTR-HEALTH"
COMPOSE = """\
services:
  app:
    image: sample/app:1.0.0
    healthcheck:
      test: curl -f http://127.0.0.1:5000/health || true
  worker:
    image: sample/app:1.0.0
    healthcheck:
      test: pgrep worker || echo none
"""
MORE = (
    COMPOSE.replace("app:\n", "mail:\n")
    .replace("|| true", "; true")
    .replace("services:\n", "")
    .partition("  worker")[0]
)
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class OldCode:
    """A folder of files, some of them wrong, judged again and again."""

    place: Place
    folder: Path

    def holds(self, text: str) -> None:
        """The compose file says this from now on."""
        (self.folder / "compose.yml").write_text(text, encoding="utf-8")

    def judged(self, *options: str) -> Ended:
        """A run over the folder, of health checks and of whether files could be read."""
        chosen = ("-k", f"{HEALTH} or ART-FILES-UNDERSTOOD")
        return self.place.run("--artefacts", str(self.folder), *chosen, *options, command=POLICY)

    def known(self) -> str:
        """The baseline of the latest run, written down."""
        file = str(self.place.folder / "baseline.json")
        write = (*BASELINE, str(self.place.folder / "reports/latest"), "-o", file)
        assert self.place.run(command=write, reports="baseline").code == 0
        return file

    def waived(self, expires: date, *, promise: str = HEALTH) -> str:
        """A file that waives a promise until that day."""
        file = self.place.folder / "waivers.toml"
        file.write_text(
            f'[[waiver]]\npromise = "{promise}"\nreason = "moves in May"\nowner = "ops"\nexpires = {expires}\n',
            encoding="utf-8",
        )
        return str(file)


@pytest.fixture
def old(place: Place) -> OldCode:
    made = OldCode(place=place, folder=place.folder / "old")
    made.folder.mkdir()
    made.holds(COMPOSE)
    return made


def test_known_holes_do_not_fail_a_run_and_stay_in_sight(old: OldCode) -> None:
    """Even after lines have moved; each is still named, as known."""
    assert old.judged().code == 1
    baseline = old.known()
    old.holds("# Ours.\n\n" + COMPOSE)
    ended = old.judged("--baseline", baseline)
    assert ended.code == 0, ended.output
    finding = ended.finding(HEALTH)
    assert (finding.outcome, finding.known) == (Outcome.FAIL, True)
    assert [(hole.spot.line, hole.known) for hole in finding.holes] == [(7, True), (11, True)]
    assert "Every judged promise kept or known" in ended.output
    assert "2 holes known since" in ended.output


def test_a_new_hole_fails_the_run_and_is_the_one_named(old: OldCode) -> None:
    """Of three holes two are known: the third decides."""
    old.judged()
    baseline = old.known()
    old.holds(COMPOSE + MORE)
    ended = old.judged("--baseline", baseline)
    assert ended.code == 1
    message = ended.finding(HEALTH).message
    assert message.startswith("compose.yml:13: the health check of mail cannot fail")
    assert message.endswith("; 2 known")


def test_a_mended_hole_is_reported_as_gone(old: OldCode) -> None:
    """So that the baseline is written again, smaller."""
    old.judged()
    baseline = old.known()
    old.holds(COMPOSE.partition("  worker")[0])
    ended = old.judged("--baseline", baseline)
    assert ended.code == 0
    assert [hole.what for hole in ended.verdict.gone] == [
        "the health check of worker cannot fail: '|| echo' swallows it"
    ]
    assert "1 known hole gone: write the baseline again" in ended.output


def test_a_baseline_is_a_line_for_each_hole(old: OldCode) -> None:
    """Readable where it is reviewed, and the same whichever run it was written from."""
    old.judged()
    text = Path(old.known()).read_text(encoding="utf-8")
    assert [hole["promise"] for hole in json.loads(text)["known"]] == [HEALTH, HEALTH]
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("{}", "schema: expected a member"),
        ('{"schema": 1, "known": [{"line": 1}]}', "known[0].fingerprint: expected a member"),
        ("known", "is not JSON"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(text: str | None, says: str, old: OldCode) -> None:
    """Before anything is judged, and with how one is written."""
    file = old.place.folder / "odd.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    ended = old.judged("--baseline", str(file))
    assert ended.code == 2
    assert says in ended.output
    assert "hint: python -m plimsoll baseline" in ended.output
    assert "Traceback" not in ended.output


def test_a_run_that_judged_nothing_makes_no_baseline(old: OldCode) -> None:
    """It would know nothing, and look as if all were well."""
    (old.folder / "compose.yml").rename(old.folder / "compose.sh")
    assert old.judged("-k", HEALTH).code == 2
    file = str(old.place.folder / "baseline.json")
    write = (*BASELINE, str(old.place.folder / "reports/latest"), "-o", file)
    ended = old.place.run(command=write, reports="baseline")
    assert ended.code == 2
    assert "judged nothing" in ended.output
    assert not Path(file).exists()


def test_a_waiver_in_force_excuses_and_stays_in_sight(old: OldCode) -> None:
    """Until its last day, that day included."""
    ended = old.judged("--waivers", old.waived(TODAY))
    assert ended.code == 0, ended.output
    assert "1 broken (1 waived)" in ended.output
    assert ended.finding(HEALTH).outcome is Outcome.FAIL


def test_an_expired_waiver_fails(old: OldCode) -> None:
    """The broken promise counts again, and the waiver is named with its day."""
    day = TODAY - timedelta(days=2)
    ended = old.judged("--waivers", old.waived(day))
    assert ended.code == 1
    assert "1 promise broken, 1 waiver expired" in ended.output
    expiry = ended.finding(f"WAIVER-{HEALTH}")
    assert expiry.message == f"waivers.toml:5: the waiver of {HEALTH} expired on {day}; the promise: fail"
    assert "ask ops for a new day" in expiry.hint


def test_an_expired_waiver_fails_though_the_promise_is_kept(old: OldCode) -> None:
    """Whoever waived it promised to look again by then; what to do is to delete it."""
    old.holds(COMPOSE.replace("|| true", "|| exit 1").replace("|| echo none", ""))
    ended = old.judged("--waivers", old.waived(TODAY - timedelta(days=1)))
    assert ended.code == 1
    assert "1 waiver expired: old on files" in ended.output
    assert ended.finding(f"WAIVER-{HEALTH}").hint == "delete the waiver"


def test_an_expired_waiver_is_in_no_baseline(old: OldCode) -> None:
    """Nobody gets a new day by writing down the old one; and a waived promise has its waiver already."""
    waivers = old.waived(TODAY - timedelta(days=1))
    old.judged("--waivers", waivers)
    baseline = old.known()
    assert json.loads(Path(baseline).read_text(encoding="utf-8"))["known"] == []
    assert old.judged("--waivers", waivers, "--baseline", baseline).code == 1


def test_a_waiver_that_covers_nothing_is_reported(old: OldCode) -> None:
    """The promise is kept: a note, and no more."""
    old.holds(COMPOSE.replace("|| true", "|| exit 1").replace("|| echo none", ""))
    ended = old.judged("--waivers", old.waived(TODAY))
    assert ended.code == 0
    assert f"1 waiver no longer needed: {HEALTH}" in ended.output


def test_a_waiver_for_no_promise_is_refused(old: OldCode) -> None:
    """With the file, the line and the nearest promise."""
    ended = old.judged("--waivers", old.waived(TODAY, promise="ART-CTR-HEALHT"))
    assert ended.code == 2
    assert f"waivers.toml:2: waiver[0].promise: no promise 'ART-CTR-HEALHT'; did you mean '{HEALTH}'?" in ended.output


def test_waivers_of_a_deployment_stand_in_its_file(place: Place) -> None:
    """One place to look for them."""
    ended = place.run("--waivers", "waivers.toml", command=POLICY)
    assert ended.code == 2
    assert "--waivers: is for files alone" in ended.output
