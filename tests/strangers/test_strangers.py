"""Every promise of the policy for strangers holds with servers done right, and is red with servers done wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from plimsoll.errors import MissingTool
from plimsoll.promises import POLICIES
from plimsoll.stacks.processes.programs import program
from tests.strangers.lab import Tried, tried
from tests.strangers.stranger import STRANGERS

SERVERS = ("nginx", "haproxy")
FEWEST_VARIANTS = 25

SHOWN_OTHERWISE: Mapping[str, str] = {
    "HARD-TLS-RENEGOTIATION": "neither server lets a client renegotiate, whatever is configured",
    "HARD-EDGE-FRAMING": "nginx refuses what is ambiguous whatever is configured, and behind HAProxy the shop does",
}
"""Promises that one of the servers cannot break, and why; test_other_servers.py has others break them."""


@pytest.fixture(scope="module")
def laboratories() -> Iterator[Mapping[str, Future[Tried]]]:
    """Both at once: most of the time goes into hand-shakes, and each has a core of its own."""
    for server in SERVERS:
        try:
            program(server)
        except MissingTool as error:
            pytest.skip(f"not run: {error.fact}")
    with ProcessPoolExecutor(len(SERVERS), mp_context=get_context("spawn")) as pool:
        yield {server: pool.submit(tried, server) for server in SERVERS}


@pytest.mark.nightly
@pytest.mark.parametrize("server", SERVERS)
def test_done_right_is_green(laboratories: Mapping[str, Future[Tried]], server: str) -> None:
    """A server that was configured with care keeps every promise of the policy."""
    assert laboratories[server].result().red == ()


@pytest.mark.nightly
@pytest.mark.parametrize("server", SERVERS)
def test_done_wrong_is_red(laboratories: Mapping[str, Future[Tried]], server: str) -> None:
    """Every mistake is seen by the promises that it breaks and by no others; what is odd and right, by none."""
    assert laboratories[server].result().missed == ()


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
