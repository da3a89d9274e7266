"""What the fastest honest methods take: both are really tried, and leave nothing."""

from __future__ import annotations

from pathlib import Path

from plimsoll.drills.stage.fastest import METHODS, fastest
from plimsoll.probes.database import connected
from tests.drills.stages import deployment_named, recorder_in, running


def test_both_methods_are_measured_and_leave_nothing(tmp_path: Path) -> None:
    """A physical copy is started and asked, a logical restore is asked; the server has no database more than before."""
    deployment, recorder = deployment_named("nestmap"), recorder_in(tmp_path)
    with running(deployment) as stack:
        with connected(stack, deployment) as sql:
            before = sql.run("SELECT datname FROM pg_database ORDER BY 1")
            (folder,) = sql.run("SELECT current_setting('data_directory')")[0]
        beside = sorted(Path(str(folder)).parent.iterdir())
        took = fastest(stack, "postgres", recorder)
        with connected(stack, deployment) as sql:
            assert sql.run("SELECT datname FROM pg_database ORDER BY 1") == before
        assert sorted(Path(str(folder)).parent.iterdir()) == beside
    assert [entry.what for entry in recorder.journal().entries] == []
    assert sorted(took) == sorted(METHODS.values())
    assert all(seconds > 0 for seconds in took.values())


def test_method_that_cannot_be_tried_is_told(tmp_path: Path) -> None:
    """Where no database is there is no figure, and the journal says why."""
    deployment, recorder = deployment_named("nestmap"), recorder_in(tmp_path)
    with running(deployment) as stack:
        took = fastest(stack, "redis", recorder)
    assert took == {}
    first, _ = recorder.journal().entries
    assert first.what.startswith("how long a base backup, copied and started takes was not measured: psql: error")
