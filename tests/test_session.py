"""What a run calls the place of the files that it looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.session import Session, open_files


def root_of(path: Path) -> str:
    """What a run over that folder, or that guide, calls its place."""
    session: Session = open_files(path)
    return session.identity(None).root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout with a folder of files and a guide."""
    (tmp_path / "project/deploy/production").mkdir(parents=True)
    (tmp_path / "project/deploy/production/run.sh").write_text("#!/bin/sh\nls\n", encoding="utf-8")
    (tmp_path / "project/docs").mkdir()
    (tmp_path / "project/docs/guide.md").write_text("```sh\nls\n```\n", encoding="utf-8")
    return tmp_path / "project"


@pytest.mark.parametrize("git", ["folder", "file"])
def test_files_are_named_from_the_top_of_their_checkout(git: str, project: Path) -> None:
    """Where code scanning looks for them; in a worktree `.git` is a file."""
    (project / ".git").mkdir() if git == "folder" else (project / ".git").write_text("gitdir: x", encoding="utf-8")
    assert root_of(project / "deploy" / "production") == "deploy/production"
    assert root_of(project / "docs" / "guide.md") == "docs"
    assert root_of(project) == ""


def test_without_a_checkout_they_are_named_from_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or by themselves, where they lie elsewhere."""
    monkeypatch.chdir(project)
    assert root_of(project / "deploy" / "production") == "deploy/production"
    monkeypatch.chdir(project / "docs")
    assert root_of(project / "deploy" / "production") == ""


def test_a_run_that_ends_says_when(project: Path) -> None:
    """The identity is made when the run is over."""
    identity = open_files(project).identity(None)
    assert identity.started <= identity.finished <= datetime.now(UTC)
    assert (identity.deployment, identity.stack) == ("project", "files")
