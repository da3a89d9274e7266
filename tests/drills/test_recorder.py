"""A journal tells commands that were to fail from those that were not."""

from __future__ import annotations

import json
from pathlib import Path

from plimsoll.drills.recorder import COMMAND
from plimsoll.observations.drills import Entry
from tests.drills.stages import recorder_in


def test_what_was_tried_is_marked(tmp_path: Path) -> None:
    """Commands that end while something is wrong on purpose are, notes and later commands are not; on the disk, too."""
    recorder, failed = recorder_in(tmp_path), Entry(at=0.0, kind=COMMAND, what="backup", code=1)

    with recorder.trying():
        recorder.add(failed)
        recorder.note("the disk is full")
        before = recorder.journal()
    recorder.add(failed)
    journal = recorder.journal()

    assert [entry.tried for entry in journal.entries] == [True, False, False]
    assert (before.failed, journal.failed) == (None, failed)
    lines = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["entry"]["tried"] for line in lines[1:]] == [True, False, False]
