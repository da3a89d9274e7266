"""A machine is asked with its own programs: this one, by the very commands that a live host is asked with."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import testinfra

from plimsoll.deployment import DEPLOYMENTS, read_deployment
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Live
from plimsoll.probes import machines
from plimsoll.probes.firewall.host import ALLOWED, PLAIN, Shell

TABLE = """\
Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/sda1         98000000 60000000  33000000      65% /
/dev/sdb1        200000000 10000000 180000000       6% /var/lib/my data
/dev/sda1         98000000 60000000  33000000      65% /var/lib/docker
none                     0        0         0       -  /sys/fs/cgroup
"""
LOCAL = Shell(testinfra.get_host("local://"), root=os.geteuid() == 0)


def test_this_machine_says_what_it_is() -> None:
    """Processors, memory and disks as the kernel counts them, and a program that is not there."""
    seen = machines._machine("here", LOCAL, ("node", "no such program"))

    assert seen.cores >= len(os.sched_getaffinity(0))
    assert seen.memory == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert seen.disk > 0
    assert all(0 <= each.share <= 1 for each in seen.filesystems)
    assert seen.programs.keys() == {"node"}


def test_each_disk_counts_once() -> None:
    """One that is mounted twice is one disk, a name may hold a blank, and what has no size is none."""
    found = list(machines.disks_of(TABLE))

    assert [each.mount for each in found] == ["/", "/var/lib/my data"]
    assert found[0].share == pytest.approx(60 / 93)
    assert found[1].size == 200_000_000 * 1024


def test_everything_that_is_asked_is_on_the_list() -> None:
    """And nothing that is on it changes anything."""
    asked = {machines.DISKS, *machines.VERSIONS.values(), "nproc --all", "cat /proc/meminfo", "lsblk -dno rota"}

    assert asked <= set(PLAIN) <= set(ALLOWED)
    with pytest.raises(CouldNotLook, match="not among the questions"):
        LOCAL.ask("node --eval 1")


def test_machines_that_nobody_names_are_out_of_reach() -> None:
    """Without a login nothing is known of any; with logins for some, nothing of the others."""
    deployment = read_deployment(DEPLOYMENTS / "nestmap" / "deployment.toml")
    live = Live(url="https://site.example", machines={"database": "nobody@127.0.0.1:1"})

    with pytest.raises(OutOfReach, match="may not log in"):
        machines.survey(deployment, ["application"], ())
    seen = machines.survey(replace(deployment, live=live), ["application", "database"], ())
    assert seen.missing.keys() == {"application", "database"}
    assert seen.beyond == ("application",)
    assert "may not log in" in seen.missing["application"]
    assert "cannot be logged in to" in seen.missing["database"]
