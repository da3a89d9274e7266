"""The object store answers the real AWS CLI."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.errors import CouldNotLook, MissingTool


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One store for all tests here."""
    try:
        made = ObjectStore(tmp_path_factory.mktemp("store"))
    except MissingTool as error:
        pytest.skip(error.fact)
    with made:
        yield made


def test_keeps_what_is_put(store: ObjectStore, tmp_path: Path) -> None:
    """A file comes back as it was, under the name it was given."""
    (tmp_path / "sent").write_bytes(b"a dump")
    store.make("backups")
    store.make("backups")

    store.put("backups", "database/a.gz", tmp_path / "sent")

    assert store.keys("backups") == {"database/a.gz": 6}
    assert store.keys("backups", "uploads/") == {}
    assert store.get("backups", "database/a.gz", tmp_path / "got").read_bytes() == b"a dump"
    store.drop("backups", "database/a.gz", "database/that-was-never-there.gz")
    assert store.keys("backups") == {}


def test_scripts_find_it(store: ObjectStore) -> None:
    """The AWS CLI needs nothing but the variables."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **store.environment}
    command = [str(store.client), "s3", "mb", "s3://from-a-script"]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert store.keys("from-a-script") == {}


def test_trouble_is_told(store: ObjectStore) -> None:
    """What the API refuses is said in its own words."""
    with pytest.raises(CouldNotLook, match="NoSuchBucket"):
        store.keys("no-such-bucket")


def test_somebody_elses_store(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that the deployment names is used with the credentials of whoever runs this, and starts nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "also mine")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    store.make("elsewhere")

    with ObjectStore(tmp_path / "other", endpoint=store.endpoint) as other:
        assert other.environment["AWS_ACCESS_KEY_ID"] == "mine"
        assert other.keys("elsewhere") == {}
        assert not other.ours
        assert not (tmp_path / "other" / "store.log").exists()
