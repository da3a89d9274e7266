"""Every promise of the policy for strangers holds with two servers done right, and is red with two done wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plimsoll.errors import MissingTool
from plimsoll.mutants.laboratory import Laboratory
from plimsoll.mutants.mutant import read_mutants
from plimsoll.stacks.processes.programs import program
from tests.strangers.stranger import stranger

SERVERS = ("nginx", "haproxy")


@pytest.fixture(scope="module", params=SERVERS)
def laboratory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    try:
        program(request.param)
    except MissingTool as error:
        pytest.skip(f"not run: {error.fact}")
    place = tmp_path_factory.mktemp(request.param)
    with stranger(request.param) as serving:
        mutants = read_mutants(serving.folder / "mutants", serving.deployment)
        yield Laboratory(serving.deployment, serving, place / "mutant", mutants)


def test_done_right_is_green(laboratory: Laboratory) -> None:
    """A server that was configured with care keeps every promise of the policy that it can be asked about."""
    assert [f"{f.promise.id} {f.outcome}: {f.message}" for f in laboratory.red] == []


def test_done_wrong_is_red(laboratory: Laboratory) -> None:
    """Every mistake in a server's configuration is seen by the promises that it breaks, and by no others."""
    trials = [laboratory.trial(mutant) for mutant in laboratory.mutants]

    assert [f"{t.mutant.name} {t.verdict}: {t.message}" for t in trials if t.verdict not in ("killed", "kept")] == []
