"""A stored run read back, to be reported again or to become a baseline.

Derived members (outcome, counts) are written for other people's scripts and not read back. Members that came later than
schema 1 (all of them additions) may be absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plimsoll.document import Place, opened
from plimsoll.model import (
    Advice,
    FileSeen,
    Finding,
    Hole,
    KnownHole,
    Outcome,
    Promise,
    RunIdentity,
    Severity,
    Spot,
    Verdict,
    Waiver,
)
from plimsoll.observations.drills import DrillRecord, History
from plimsoll.observations.load import CapacityRecord, Decision, LoadRecord
from plimsoll.observations.load.stored import read_run
from plimsoll.packed import unpacked
from plimsoll.report.json import SCHEMA
from plimsoll.report.load.facts import safe

HINT = "a verdict.json is written by a run; run the suite again rather than editing it"


def read(path: Path) -> Verdict:
    """The verdict a stored run came to. Raises BadInput with the file and the place of whatever is not as expected."""
    top = opened(path, hint=HINT)
    schema = top.item("schema")
    if schema.value != SCHEMA:
        raise schema.wrong(f"schema {SCHEMA}")
    run = top.item("run")
    baseline = top.item("baseline", default={})
    return Verdict(
        run=RunIdentity(
            id=run.item("id").text(),
            started=run.item("started").moment(),
            finished=run.item("finished").moment(),
            deployment=run.item("deployment").text(),
            stack=run.item("stack").text(),
            images=run.item("images").texts(),
            tool_versions=run.item("tool_versions").texts(),
            root=run.item("root", default="").text(),
        ),
        findings=tuple(_read_finding(place) for place in top.item("findings").items()),
        strict=run.item("strict", default=False).flag(),
        advice=tuple(_read_advice(place) for place in top.item("advice", default=[]).items()),
        files=tuple(_read_file(place) for place in top.item("files", default=[]).items()),
        baseline=baseline.item("file", default="").text(),
        gone=tuple(read_known(place) for place in baseline.item("gone", default=[]).items()),
        journals=tuple(unpacked(place, DrillRecord) for place in top.item("drills", default=[]).items()),
        loads=tuple(load for place in top.item("loads", default=[]).items() for load in _read_load(place, path.parent)),
        capacities=tuple(unpacked(place, CapacityRecord) for place in top.item("capacities", default=[]).items()),
        history=_read_history(top.item("history", default=None)),
    )


def _read_history(place: Place) -> History | None:
    return None if place.value is None else unpacked(place, History)


def _read_load(place: Place, folder: Path) -> Iterator[LoadRecord]:
    """The run with the file beside the verdict; none where somebody kept the verdict alone."""
    file = place.item("file")
    if not safe(file.text()):
        raise file.wrong("the path of a run in the folder load/")
    if (folder / file.text()).exists():
        yield LoadRecord(
            run=read_run(folder / file.text()),
            name=place.item("name").text(),
            promises=tuple(promise.text() for promise in place.item("promises").items()),
            decisions=tuple(unpacked(each, Decision) for each in place.item("decisions").items()),
            void=place.item("void").text(),
        )


def _read_finding(place: Place) -> Finding:
    outcome = place.item("outcome")
    if outcome.value not in tuple(Outcome):
        raise outcome.wrong("one of " + ", ".join(Outcome))
    waiver = place.item("waiver", default=None)
    return Finding(
        promise=Promise(
            id=place.item("promise").text(),
            rule=place.item("rule").text(),
            area=place.item("area").text(),
            title=place.item("title").text(),
            source=place.item("source").text(),
            waiver=None
            if waiver.value is None
            else Waiver(
                reason=waiver.item("reason").text(),
                owner=waiver.item("owner").text(),
                expires=waiver.item("expires").day(),
            ),
        ),
        outcome=Outcome(outcome.text()),
        expected=place.item("expected").text(),
        actual=place.item("actual").text(),
        message=place.item("message").text(),
        hint=place.item("hint").text(),
        evidence=tuple(line.text() for line in place.item("evidence").items()),
        seconds=place.item("seconds").number(),
        out_of_reach=place.item("out_of_reach", default=False).flag(),
        holes=tuple(_read_hole(hole) for hole in place.item("holes", default=[]).items()),
        known=place.item("known", default=False).flag(),
    )


def _read_hole(place: Place) -> Hole:
    return Hole(
        spot=_read_spot(place),
        what=place.item("what").text(),
        fix=place.item("fix").text(),
        beside=tuple(_read_spot(spot) for spot in place.item("beside").items()),
        known=place.item("known", default=False).flag(),
    )


def _read_spot(place: Place) -> Spot:
    return Spot(place.item("file").text(), place.item("line").whole())


def _read_file(place: Place) -> FileSeen:
    return FileSeen(
        name=place.item("name").text(),
        kind=place.item("kind").text(),
        spot=_read_spot(place),
        trouble=place.item("trouble").text(),
    )


def _read_advice(place: Place) -> Advice:
    severity = place.item("severity")
    if severity.value not in tuple(Severity):
        raise severity.wrong("one of " + ", ".join(Severity))
    return Advice(
        scanner=place.item("scanner").text(),
        rule=place.item("rule").text(),
        severity=Severity(severity.text()),
        spot=_read_spot(place),
        message=place.item("message").text(),
        link=place.item("link").text(),
    )


def read_known(place: Place) -> KnownHole:
    """A hole as a baseline keeps it."""
    return KnownHole(
        fingerprint=place.item("fingerprint").text(),
        promise=place.item("promise").text(),
        rule=place.item("rule").text(),
        spot=_read_spot(place),
        what=place.item("what").text(),
    )
