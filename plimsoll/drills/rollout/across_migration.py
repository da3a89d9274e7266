"""The drill of a roll-back across a migration: rows that the new release wrote are read and written by the old one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from plimsoll.drills.clients.visitor import JSON, Visitor, object_of
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.migrations import brought, packed
from plimsoll.drills.rollout.release import NEXT, RELEASE, ROLL_BACK, WATCH
from plimsoll.drills.rollout.rolling import Rolling, rolling
from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.observations.drills.rollouts import AcrossMigration, Row
from plimsoll.probes.census import main_table
from plimsoll.probes.database import connected

SAYS = "a release migrates the database and writes, the old one comes back, and the new one again"
MIGRATE, TAKE_BACK = "migrate", "migrate-down"
ROWS = 5
TITLE, CHANGED, CONTENT = "across {}", "across {}, changed", "said by the new release"
CREATED, OK = 201, 200
PATIENT = {**WATCH, "ANSWER_SECONDS": "5"}
"""That a release is slow is the business of another drill, and of a machine that has much to do."""

ADDED = """
    SELECT column_name::text FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = '{}' AND data_type = 'text'"""


def across_migration(theatre: Theatre) -> AcrossMigration:
    """The migration, the new release and its rows; the old one with them; the new one again; the way back of both."""
    recorder = theatre.recorder("across migration", SAYS)
    with rolling(theatre, recorder, acts=(MIGRATE, RELEASE, ROLL_BACK)) as stage:
        files = brought(stage.rehearsal.stack, stage.rollout)
        stage.releases.publish(NEXT, BORN_MIGRATIONS=packed(files))
        drill = _Drill(stage)
        trouble = ""
        try:
            drill.goes_there_and_back(files)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(AcrossMigration, trouble=trouble, rows=tuple(drill.rows), fields=drill.fields)


class _Drill:
    """Rows that are written, read and changed by one release after the other, through the edge."""

    def __init__(self, stage: Rolling) -> None:
        self.rows: list[Row] = []
        self.fields: tuple[str, ...] = ()
        self._stage = stage
        self._visitor = Visitor(stage.witness.caller)
        self._known: dict[str, Mapping[str, object]] = {}

    def goes_there_and_back(self, files: Mapping[str, str]) -> None:
        """All of it, one step after the other; what the clients noticed of each is kept."""
        stage = self._stage
        before = self._texts()
        if not stage.does(MIGRATE, MIGRATE, version=NEXT).settled:
            raise CouldNotLook("the old release cannot bear the migration")
        self.fields = tuple(sorted(self._texts() - before))
        stage.releases.publish(NEXT, BORN_MIGRATIONS=packed(files), BORN_FIELDS=",".join(self.fields))
        stage.does(RELEASE, RELEASE, wanted=NEXT, more=PATIENT)
        self._writes("new", self.fields)
        stage.does(ROLL_BACK, ROLL_BACK, wanted=stage.rollout.version)
        self._reads("new", "old reads", ())
        self._changes("new", "old changes")
        self._writes("old", ())
        stage.does("release-again", RELEASE, wanted=NEXT, more=PATIENT)
        self._reads("new", "new reads again", self.fields)
        self._reads("old", "new reads the old one's", ())
        stage.does("back-again", ROLL_BACK, wanted=stage.rollout.version)
        if stage.rehearsal.operator.knows(TAKE_BACK):
            stage.does(TAKE_BACK, TAKE_BACK, version=NEXT)
            self._reads("new", "without the migration", ())
            self._reads("old", "without the migration", ())

    def _texts(self) -> set[str]:
        """The columns of the main table that hold texts."""
        rehearsal = self._stage.rehearsal
        with connected(rehearsal.stack, rehearsal.deployment) as sql:
            return {str(name) for (name,) in sql.run(ADDED.format(main_table(rehearsal.deployment)))}

    def _writes(self, by: str, fields: Sequence[str]) -> None:
        """Some rows are written, with those fields of the new release."""
        caller = self._stage.witness.caller
        for number in range(ROWS):
            content = {"title": TITLE.format(f"{by} {number}"), "city": "Plimsoll", **dict.fromkeys(fields, CONTENT)}
            told = self._visitor.ask("POST", caller.records, headers=JSON, body=json.dumps(content).encode())
            row = object_of(told)
            place = f"{caller.records}/{row.get('id', '')}"
            if told.status == CREATED:
                self._known[place] = {"by": by, **content}
            self._keep(f"{by} writes", place, told.status == CREATED, told.trouble or f"status {told.status}")
        if not any(content["by"] == by for content in self._known.values()):
            raise CouldNotLook(f"the {by} release takes no row")

    def _changes(self, by: str, name: str) -> None:
        """Every row of that release is changed, without a word of the fields that only the new one knows."""
        for place, known in self._known.items():
            if known["by"] != by:
                continue
            title = CHANGED.format(str(known["title"]).removeprefix("across "))
            body = json.dumps({"title": title, "city": "Plimsoll"}).encode()
            told = self._visitor.ask("PUT", place, headers=JSON, body=body)
            if told.status == OK:
                self._known[place] = {**known, "title": title}
            self._keep(name, place, told.status == OK, told.trouble or f"status {told.status}")

    def _reads(self, by: str, name: str, fields: Sequence[str]) -> None:
        """Every row of that release is read, and is what it was when it was written last."""
        for place, known in self._known.items():
            if known["by"] != by:
                continue
            told = self._visitor.ask("GET", place)
            row = object_of(told)
            other = [key for key in ("title", "city", *fields) if row.get(key) != known[key]]
            why = told.trouble or (f"status {told.status}" if told.status != OK else f"other: {', '.join(other)}")
            self._keep(name, place, told.status == OK and not other, why)

    def _keep(self, name: str, place: str, good: bool, why: str) -> None:
        self.rows.append(Row(name=name, place=place, good=good, trouble="" if good else why))
