"""The drill of the chosen moment, on a deployment whose runbook is right, and on one that has none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from plimsoll.drills.recovery.moment import moment_recovery
from plimsoll.errors import NothingOfTheKind
from plimsoll.observations.drills import DETECT, REPLAY, RESTORE, START, VERIFY
from tests.drills.stages import deployment_named
from tests.drills.theatres import theatre_of


@pytest.mark.nightly
def test_a_moment_comes_back(tmp_path: Path) -> None:
    """The mistake is undone, what was written since the base backup is there, and the journal tells how."""
    with theatre_of(deployment_named("fixrx"), tmp_path) as theatre:
        seen = moment_recovery(theatre)

    assert (seen.trouble, seen.changed, seen.lagging, seen.unplayed, seen.later) == ("", (), (), (), ())
    assert seen.covered
    assert seen.replayed
    assert seen.timelines == (1, 2)
    assert seen.loss is not None
    assert seen.loss.missing == ()
    assert seen.archives_again
    assert seen.writes_again
    assert not seen.mistaken
    assert datetime.fromisoformat(seen.said).microsecond == 0
    assert seen.backup_at < seen.backed_up_at < seen.moment < seen.disaster
    assert [phase.name for phase in seen.journal.recovery] == [DETECT, RESTORE, REPLAY, START, VERIFY]
    assert [entry.what.split()[0].rpartition("/")[2] for entry in seen.journal.commands] == [
        "backup-base.sh",
        "restore-moment.sh",
        "archive-wal.sh",
    ]
    assert any(entry.destructive for entry in seen.journal.entries)
    assert (tmp_path / "journals" / "moment.jsonl").is_file()


def test_without_a_runbook_there_is_no_drill(tmp_path: Path) -> None:
    """What the runbook does not say how to do is not tried, and nothing is harmed."""
    deployment = deployment_named("nestmap")
    with theatre_of(deployment, tmp_path) as theatre, pytest.raises(NothingOfTheKind, match="backup base"):
        moment_recovery(theatre)


def test_a_server_that_archives_nothing_is_not_harmed(tmp_path: Path) -> None:
    """The drill ends before the mistake, and says why."""
    original = deployment_named("fixrx")
    changed = tmp_path / "fixrx"
    shutil.copytree(original.root, changed)
    config = changed / "postgres/postgresql.conf"
    config.write_text(
        config.read_text(encoding="utf-8").replace("archive_mode = on", "archive_mode = off"), encoding="utf-8"
    )
    deployment = replace(original, root=changed)
    with theatre_of(deployment, tmp_path) as theatre:
        seen = moment_recovery(theatre)

    assert seen.trouble.startswith("the server archives nothing")
    assert not any(entry.destructive for entry in seen.journal.entries)
    assert seen.loss is None
