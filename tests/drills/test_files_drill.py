"""Files that were lost are put back, and the drill is a rehearsal that succeeded."""

from __future__ import annotations

from pathlib import Path

from plimsoll.drills.recovery.files import files_recovery
from plimsoll.observations.drills.record import record
from tests.drills.stages import deployment_named
from tests.drills.theatres import theatre_of


def test_files_come_back(tmp_path: Path) -> None:
    """All files are as they were, no row went with them, and the application takes new ones."""
    with theatre_of(deployment_named("nimbus"), tmp_path) as theatre:
        seen = files_recovery(theatre)

    assert (seen.trouble, seen.changed) == ("", ())
    assert seen.loss is not None
    assert (seen.loss.missing, seen.healthy, seen.writes_again) == ((), True, True)
    assert len(seen.testimony.acknowledged) > 30
    assert record(seen).came_back
