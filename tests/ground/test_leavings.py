"""A ground leaves nothing behind, touches nothing of the machine, and says what it takes where it cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.runs import Run, new_run_id, runs_folder
from plimsoll.stacks.ground import enclosed
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.processes.children import Children
from plimsoll.wait import wait_until
from tests.ground.places import KINDS, deployment, laid, need, seen, states
from tests.imports import HOME
from tests.proc import at_work_on
from tests.stacks.needing_engine import left_of

SOON = 12.0
"""Seconds within which a run's reaper has removed what was left, on a busy machine."""

RULES = "ufw default deny incoming\nufw allow 443/tcp\nufw --force enable\n"

HOLD = """
import sys
from pathlib import Path
from tests.ground.places import deployment, laid, seen
host = deployment(Path(sys.argv[2]), sys.argv[4])
with laid(sys.argv[1], host, run_id=sys.argv[3]) as ground:
    seen(ground, host)
    print("stands", flush=True)
    sys.stdin.read()
"""


def namespaces() -> set[str]:
    """The network namespaces that some process is in."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            found.add(str(link.readlink()))
        except OSError:
            continue  # it ended meanwhile
    return found


def machine() -> tuple[str, ...]:
    """What a firewall changes on a machine: its rules, its links, its files."""
    commands = (["iptables-save"], ["ip6tables-save"], ["ip", "-brief", "link"], ["ls", "-lR", "/etc/ufw", "/etc/ssh"])
    said = (subprocess.run(command, capture_output=True, text=True, check=False).stdout for command in commands)
    counters = str.maketrans("", "", "0123456789")
    return tuple(
        "\n".join(each.translate(counters) for each in text.splitlines() if "veth" not in each) for text in said
    )


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_outlives_a_killed_run(kind: str, tmp_path: Path) -> None:
    """After SIGKILL no process, no container and no folder of the run is left."""
    need(kind)
    run_id, before = new_run_id(), namespaces()
    command = [sys.executable, "-c", HOLD, kind, str(tmp_path), run_id, RULES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOME, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "stands\n"
        assert namespaces() - before
        holder.send_signal(signal.SIGKILL)

    wait_until(lambda: not (runs_folder() / run_id).exists(), timeout=SOON, what="the end of the run's folder")
    if kind == "containers":
        wait_until(lambda: not left_of(run_id), timeout=SOON, what="the end of the run's container")
    else:
        wait_until(lambda: not at_work_on(runs_folder() / run_id), timeout=SOON, what="the end of the run's processes")


def test_the_machine_is_as_it_was(tmp_path: Path) -> None:
    """A ground on this machine changes neither its rules nor its links nor its files, not even while it stands."""
    host = deployment(tmp_path, RULES)
    need("processes")
    before, log = machine(), Path("/dev/log").exists()

    with laid("processes", host) as ground:
        seen(ground, host)
        during = machine()

    assert during == before == machine()
    assert Path("/dev/log").exists() == log


def test_grounds_side_by_side_do_not_meet(tmp_path: Path) -> None:
    """Two runs with the same zones have the same addresses, and each sees its own host."""
    hosts = []
    for name, rules in (("open", "ufw default allow incoming\nufw --force enable\n"), ("shut", RULES)):
        (tmp_path / name).mkdir()
        hosts.append(deployment(tmp_path / name, rules))

    with laid("processes", hosts[0]) as first, laid("processes", hosts[1]) as second:
        found = [seen(first, hosts[0]), seen(second, hosts[1])]

    assert [set(states(each, "internet", 22).values()) for each in found] == [{"open"}, {"silent"}]


def test_without_root_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not make namespaces learns what to do, and the promise is out of reach, not broken."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(OutOfReach, match="only root may make"):
        enclosed.start(Children(tmp_path), tmp_path / "host", tmp_path)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the host's programs is told which, and how to get them; asked again, it is told again."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(enclosed, "PACKAGES", {"no-such-program": "no-such-package"})
    host = deployment(tmp_path, RULES)
    with Run(new_run_id()) as run:
        keeper = Keeper(host, lambda _: enclosed.start(Children(run.folder), run.folder / "host", tmp_path))

        for _ in range(2):
            with pytest.raises(OutOfReach, match="no-such-program") as caught:
                keeper.ground()
            assert caught.value.hint == "apt-get install no-such-package"


def test_a_deployment_without_a_host_is_out_of_reach(tmp_path: Path) -> None:
    """No firewall among the artefacts, or no zones: there is nothing to try, and the hint says what to write."""
    host = deployment(tmp_path, RULES)
    for lacking, fact in (
        (replace(host, services={}), "firewall is not among"),
        (replace(host, zones={}), "names no zones"),
    ):
        with pytest.raises(OutOfReach, match=fact):
            Keeper(lacking, lambda _: str).ground()
