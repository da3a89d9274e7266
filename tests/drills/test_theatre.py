"""The stages of drills give each an object store: one of the run's own, or the one that the deployment names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import MissingTool
from plimsoll.model import Deployment
from plimsoll.wait import wait_until
from tests.drills.stages import deployment_named

SOON = 5.0
"""Seconds in which a killed process is gone, on a machine with much to do."""


@pytest.fixture
def nestmap() -> Deployment:
    """A deployment whose scripts send backups off their host."""
    return deployment_named("nestmap")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """A store that no drill has started, with a bucket that somebody made, and this process's way into it."""
    try:
        store = ObjectStore(tmp_path / "elsewhere")
    except MissingTool as error:
        pytest.skip(error.fact)
    with store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_ENDPOINT_URL")  # the deployment says where it is
        store.make("backups")
        yield store


def staged(deployment: Deployment, folder: Path) -> Stages:
    """Where its drills take place."""
    return Stages("processes", deployment, workplace=folder / "work", journals=folder / "journals")


def answers(client: Path) -> bool:
    """Whether somebody waits for calls of that client."""
    with socket.socket(socket.AF_UNIX) as asked:
        return asked.connect_ex(str(client.with_name("aws.socket"))) == 0


def test_the_deployments_own(nestmap: Deployment, elsewhere: ObjectStore, tmp_path: Path) -> None:
    """A store that the deployment names is reached by the real client, keeps what it is given, and is left running."""
    assert nestmap.recovery is not None
    named = replace(nestmap, recovery=replace(nestmap.recovery, endpoint=elsewhere.endpoint))
    (tmp_path / "dump").write_bytes(b"a dump")

    with staged(named, tmp_path) as stages:
        for _ in range(2):  # the second finds what the first has left: nobody empties somebody's store
            with stages.of(named) as theatre:
                theatre.store.put("backups", "database/a.gz", tmp_path / "dump")
                assert theatre.store.endpoint == elsewhere.endpoint
                assert theatre.store.keys("backups") == {"database/a.gz": 6}
                client = theatre.store.client
        assert answers(client)
        assert [each.name for each in (tmp_path / "work").iterdir()] == ["store-0"]

    wait_until(lambda: not answers(client), timeout=SOON, what="the end of the client, and of what it forked")
    assert elsewhere.keys("backups") == {"database/a.gz": 6}


def test_one_of_the_runs_own(nestmap: Deployment, elsewhere: ObjectStore, tmp_path: Path) -> None:
    """Where none is named each drill of those at once has one, which the next finds empty."""
    with staged(nestmap, tmp_path) as stages:
        with stages.of(nestmap) as theatre, stages.of(nestmap) as beside:
            assert len({theatre.store.endpoint, beside.store.endpoint, elsewhere.endpoint}) == 3
            theatre.store.make("own")
            client = theatre.store.client
        with stages.of(nestmap) as later, stages.of(nestmap) as beside:
            for each in (later.store, beside.store):
                each.make("own")
                assert each.keys("own") == {}
        assert answers(client)

    wait_until(lambda: not answers(client), timeout=SOON, what="the end of the client, and of what it forked")
