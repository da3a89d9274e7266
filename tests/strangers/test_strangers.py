"""Every promise of the policy for strangers holds with servers done right, and is red with servers done wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plimsoll.deployment import POLICIES
from plimsoll.errors import MissingTool
from plimsoll.mutants.laboratory import Laboratory
from plimsoll.mutants.mutant import read_mutants
from plimsoll.stacks.processes.programs import program
from tests.strangers.stranger import STRANGERS, stranger

SERVERS = ("nginx", "haproxy")
FEWEST_VARIANTS = 25

SHOWN_OTHERWISE: Mapping[str, str] = {
    "HARD-TLS-RENEGOTIATION": "neither server lets a client renegotiate, whatever is configured",
    "HARD-EDGE-FRAMING": "nginx refuses what is ambiguous whatever is configured, and behind HAProxy the shop does",
}
"""Promises that one of the servers cannot break, and why; test_other_servers.py has others break them."""


@pytest.fixture(scope="module", params=SERVERS)
def laboratory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    try:
        program(request.param)
    except MissingTool as error:
        pytest.skip(f"not run: {error.fact}")
    with stranger(request.param) as serving:
        mutants = read_mutants(serving.folder / "mutants", serving.deployment)
        workplace = tmp_path_factory.mktemp(request.param) / "mutant"
        yield Laboratory(serving.deployment, serving, workplace, mutants, thorough=True)


def test_done_right_is_green(laboratory: Laboratory) -> None:
    """A server that was configured with care keeps every promise of the policy."""
    assert [f"{f.promise.id} {f.outcome}: {f.message}" for f in laboratory.red] == []


def test_done_wrong_is_red(laboratory: Laboratory) -> None:
    """Every mistake is seen by the promises that it breaks and by no others; what is odd and right, by none."""
    trials = [laboratory.trial(mutant) for mutant in laboratory.mutants]

    assert [f"{t.mutant.name} {t.verdict}: {t.message}" for t in trials if t.verdict not in ("killed", "kept")] == []


@pytest.mark.parametrize("server", SERVERS)
def test_every_promise_is_broken_on_each_server(server: str) -> None:
    """A promise of the policy is broken by a mistake on either server, unless the table says why it cannot be."""
    unbroken = _promised() - {name for mutant in _files(server) for name in mutant.get("breaks", ())}

    assert unbroken <= SHOWN_OTHERWISE.keys()


def test_every_mistake_has_a_cause() -> None:
    """No mutant is content with a promise that is red for any reason."""
    mutants = [each for server in SERVERS for each in _files(server) if "defect" in each]

    assert [each["defect"] for each in mutants if not each.get("says") or not all(each["says"])] == []


def test_enough_looks_odd_and_is_right() -> None:
    """Many configurations are tried that a hasty reader would take for wrong."""
    assert sum("variant" in each for server in SERVERS for each in _files(server)) >= FEWEST_VARIANTS


def _promised() -> set[str]:
    policy = tomllib.loads((POLICIES / "edge-hardened.toml").read_text(encoding="utf-8"))
    return {promise["id"] for promise in policy["promise"]}


def _files(server: str) -> list[dict[str, list[str]]]:
    return [_read(path) for path in sorted((STRANGERS / server / "mutants").glob("*.toml"))]


def _read(path: Path) -> dict[str, list[str]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
