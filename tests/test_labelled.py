"""What an engine has of a run: gone with it, or remembered until the engine answers and lets go."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from plimsoll import labelled
from plimsoll.__main__ import main
from plimsoll.labelled import LABEL
from plimsoll.runs import ENGINE, OWNER, Run, new_run_id, runs_folder, stuck, sweep
from tests.stacks.needing_engine import need_engine


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs of this test, in a temporary directory of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return runs_folder()


def test_what_no_engine_told_of_a_sweep_finds_later(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is silent when a run ends may have containers of it: that the run was is not forgotten."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/nobody.sock")
    with Run(new_run_id()) as run:
        (run.folder / ENGINE).touch()
        (run.folder / "materials").mkdir()
        (run.folder / "materials" / "key.pem").touch()

    assert {path.name for path in run.folder.iterdir()} == {OWNER, ENGINE}
    assert sweep() == []  # its owner lives

    (run.folder / OWNER).write_text(json.dumps({"pid": 2**22 + 1, "started": "1"}), encoding="utf-8")
    assert sweep() == []  # nobody answers yet
    assert run.folder.exists()


def test_what_an_engine_kept_is_swept_when_it_answers_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of a run whose engine was silent at its end are removed with what was left of its folder."""
    need_engine()
    with Run(new_run_id()) as run:
        (run.folder / ENGINE).touch()
        mine = f"label={LABEL}={run.id}"
        subprocess.run(["docker", "network", "create", "--label", f"{LABEL}={run.id}", run.id], check=True)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/nobody.sock")
    monkeypatch.delenv("DOCKER_HOST")
    (run.folder / OWNER).write_text(json.dumps({"pid": 2**22 + 1, "started": "1"}), encoding="utf-8")

    assert subprocess.check_output(["docker", "network", "ls", "-q", "--filter", mine])
    assert sweep() == [run.id]
    assert not subprocess.check_output(["docker", "network", "ls", "-q", "--filter", mine])
    assert not run.folder.exists()


MISCOUNTING = """#!/bin/sh
[ -e restarted ] && exit 0
case "$1 $2" in
"network ls") echo 0751e93386d3 ;;
"network rm") echo "network has active endpoints" >&2 && exit 1 ;;
esac
"""
"""An engine that takes a network for used to which nothing is connected, until it is restarted."""


def test_what_an_engine_does_not_let_go_of_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That much of the run is remembered; later sweeps do not wait for it, and it is gone once the engine lets go."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(MISCOUNTING.replace("restarted", str(docker.with_name("restarted"))), encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(docker.parent), prepend=os.pathsep)
    monkeypatch.setattr(labelled, "REMOVE_SECONDS", 0.2)
    with Run(new_run_id()) as run:
        (run.folder / ENGINE).touch()
    (run.folder / OWNER).write_text(json.dumps({"pid": 2**22 + 1, "started": "1"}), encoding="utf-8")

    assert stuck() == [run.id]
    monkeypatch.setattr(labelled, "REMOVE_SECONDS", 3600.0)
    assert main(["sweep"]) == 2
    assert f"not removed {run.id}: the engine does not let go" in capsys.readouterr().out

    (docker.parent / "restarted").touch()
    assert sweep() == [run.id]
    assert stuck() == []
    assert not run.folder.exists()
