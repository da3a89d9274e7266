"""A live machine over SSH: as large as it says, and no larger; and names for each where there are several."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Deployment, Finding, Live, Outcome, Promise
from plimsoll.rules import RULES
from plimsoll.stacks.live import LiveStack
from tests.ground.sshd import LOOPBACK, Login, serving


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    """A real SSH server."""
    with serving(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def judged(login: Login, rule: str, *, named: bool = False, **parameters: object) -> Finding:
    """What a rule says of the machine; `named` is one among several."""
    promise = Promise(id="LV-01", rule=rule, area=RULES[rule].area, title="", source="", parameters=parameters)
    live = Live(
        url=f"http://{LOOPBACK}:9", address=LOOPBACK, ssh_key=str(login.key), ssh_known_hosts=str(login.known_hosts)
    )
    live = replace(live, machines={"database": login.ssh}) if named else replace(live, ssh=login.ssh)
    deployment = Deployment(name="live", root=Path("/"), hosts=(), promises=(promise,), zones={}, live=live)
    inspection = Inspection(Scene.of(deployment, LiveStack(deployment)), [promise])
    try:
        return inspection.judge(promise)
    finally:
        inspection.close()


def test_a_machine_is_as_large_as_it_says(login: Login) -> None:
    """What is here is enough for little, and too little for much."""
    cores = os.cpu_count() or 1
    enough = judged(login, "machine-at-least", cores=1, memory_gb=0.5)
    short = judged(login, "machine-at-least", cores=cores + 4096)

    assert enough.outcome is Outcome.PASS, enough.message
    assert short.outcome is Outcome.FAIL, short.message
    assert f"of {cores + 4096}" in short.message


def test_how_full_its_disks_are(login: Login) -> None:
    """No disk is fuller than full, and none is empty."""
    full, empty = (judged(login, "disk-used-within", share=share) for share in (1.0, 0.0))

    assert full.outcome is Outcome.PASS, full.message
    assert empty.outcome is Outcome.FAIL, empty.message


def test_machines_have_names_where_there_are_several(login: Login) -> None:
    """One that is named is asked; another is out of reach, and never taken for it."""
    database = judged(login, "machine-at-least", named=True, machine="database", cores=1)
    cache = judged(login, "machine-at-least", named=True, machine="cache", cores=1)

    assert database.outcome is Outcome.PASS, database.message
    assert (cache.outcome, cache.out_of_reach) == (Outcome.UNKNOWN, True)
