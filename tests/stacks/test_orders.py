"""What a container's supervisor is told: whoever it runs as reads it, and nobody else on this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.stacks.containers.orders import ENVIRONMENT_FILE, RESTING, STATE_FILE, WANTED_FILE, Orders


@pytest.fixture(params=[0o077, 0o022, 0o000])
def _habit(request: pytest.FixtureRequest) -> Iterator[None]:
    """What this process lets others do with files that it makes."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_habit")
def test_only_the_container_reads_them(tmp_path: Path) -> None:
    """They are passwords, too: the folder of all is ours alone, and what is mounted of it is open inside."""
    orders = Orders(tmp_path / "orders", "app")
    orders.run_with({"PASSWORD": "x"}, forgotten={})
    orders.begin(up=True)

    places = (tmp_path / "orders", orders.said, orders.folder, *orders.folder.iterdir())
    modes = [path.stat().st_mode & 0o777 for path in places]
    assert modes == [0o700, 0o777, 0o755, 0o444, 0o444]


def test_a_shell_takes_them_as_they_are(tmp_path: Path) -> None:
    """Whatever a value holds; variables of before that are not said again are gone."""
    orders = Orders(tmp_path / "orders", "app")
    orders.run_with({"KEPT": "it's $HOME\nand `more`"}, forgotten={"KEPT": "a", "GONE": "b"})
    file = orders.folder / Path(ENVIRONMENT_FILE).name

    told = subprocess.run(
        ["sh", "-c", f'. "{file}"; printf "%s|%s" "$KEPT" "${{GONE-none}}"'],
        env={"KEPT": "a", "GONE": "b"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "it's $HOME\nand `more`|none"


def test_a_new_container_has_none(tmp_path: Path) -> None:
    """Those of the one that was there before are not for it."""
    before = Orders(tmp_path / "orders", "app")
    before.run_with({"A": "1"}, forgotten={})
    before.begin(up=False)
    assert {path.name for path in before.folder.iterdir()} == {Path(ENVIRONMENT_FILE).name, Path(WANTED_FILE).name}

    assert [*Orders(tmp_path / "orders", "app").folder.iterdir()] == []


def test_the_supervisor_says_what_became_of_its_program(tmp_path: Path) -> None:
    """Nothing before it said anything; what it said in the container's life before counts no more."""
    orders = Orders(tmp_path / "orders", "app")
    assert orders.state == ""
    (orders.said / Path(STATE_FILE).name).write_text(f"{RESTING}\n")
    assert orders.state == RESTING
    orders.begin(up=True)
    assert orders.state == ""
