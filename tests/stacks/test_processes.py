"""The deployment as plain processes: it serves, it is taken down and back, exchanged, put back, and gone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import StackFailed
from plimsoll.model import Deployment
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks.processes import replicas
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.stacks.protocol import endpoint_of, endpoints_of
from plimsoll.stacks.readiness import status_of
from tests.stacks.restoring import is_put_back

LATE_PARENT = """
import ctypes, signal, time
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
ctypes.CDLL(None).prctl(15, b"standin:parent")
signal.sigtimedwait({signal.SIGUSR1}, 10)
"""
"""A parent of replicas that takes its time to become one."""


@pytest.fixture(scope="module")
def nestmap() -> Deployment:
    """The reference deployment."""
    return read_deployment(find("nestmap"))


@pytest.fixture(scope="module")
def stack(nestmap: Deployment) -> Iterator[ProcessesStack]:
    """NestMap running."""
    with Run(new_run_id()) as run, ProcessesStack(nestmap, run) as running:
        yield running


def edge_status(stack: ProcessesStack, path: str = "/health") -> int | None:
    """What the edge answers to a client nobody has seen before."""
    return status_of(endpoint_of(stack, "edge"), path, source=stack.client_address())


def test_every_replica_serves(stack: ProcessesStack, nestmap: Deployment) -> None:
    """Each replica of the application answers on a port of its own, and the edge passes requests on."""
    replicas = endpoints_of(stack, "app")

    assert len({e.address for e in replicas}) == nestmap.services["app"].replicas
    assert [status_of(e, "/ready") for e in replicas] == [200] * len(replicas)
    assert edge_status(stack) == 200


def test_the_report_can_name_what_ran(stack: ProcessesStack) -> None:
    """Every role is named with the version of the program behind it."""
    assert {role: name.split()[0] for role, name in stack.images.items()} == {
        "edge": "nginx",
        "app": "python",
        "postgres": "postgres",
        "redis": "redis-server",
    }
    assert all(name.split()[1][0].isdigit() for name in stack.images.values())


def test_an_outage_is_seen_and_ends(stack: ProcessesStack) -> None:
    """While the application is interrupted the edge answers 502; afterwards it serves at once."""
    with stack.interrupted("app"):
        during = edge_status(stack)

    assert during == 502
    assert edge_status(stack) == 200


def test_artefacts_are_exchanged(stack: ProcessesStack, nestmap: Deployment, tmp_path: Path) -> None:
    """A changed configuration takes effect, and the old one again after it."""
    changed = tmp_path / "changed"
    shutil.copytree(nestmap.root, changed)
    config = changed / "nginx/nginx.conf"
    config.write_text(config.read_text(encoding="utf-8").replace("return 404;", "return 410;"), encoding="utf-8")

    stack.reconfigure(changed, {})
    with_change = edge_status(stack, "/.env")
    stack.reconfigure(nestmap.root, {})

    assert (with_change, edge_status(stack, "/.env")) == (410, 404)


def test_settings_reach_the_application(stack: ProcessesStack, nestmap: Deployment) -> None:
    """A setting of the application restarts it with that variable, and is gone when it is no longer given."""
    stack.reconfigure(nestmap.root, {"app.PATH_LIVE": "/alive"})
    with_setting = edge_status(stack, "/alive")
    stack.reconfigure(nestmap.root, {})

    assert (with_setting, edge_status(stack, "/alive")) == (200, 404)


def test_data_is_put_back(stack: ProcessesStack) -> None:
    """What was written after a snapshot is gone after a restore, which every replica survives."""
    assert is_put_back(stack)


def test_nginx_is_asked_about_the_very_file(stack: ProcessesStack) -> None:
    """`nginx -t` speaks of the artefact by its own name."""
    result = stack.run("edge", ["nginx", "-t"])

    assert result.code == 0
    assert "the configuration file nginx/nginx.conf syntax is ok" in result.output


def test_a_service_that_cannot_start_says_why(nestmap: Deployment, tmp_path: Path) -> None:
    """A configuration that nginx refuses fails the start with nginx's own words, and leaves nothing."""
    broken = tmp_path / "broken"
    shutil.copytree(nestmap.root, broken)
    (broken / "nginx/snippets/tls.conf").write_text("ssl_protocols TLSv9;\n", encoding="utf-8")
    deployment = read_deployment(broken / "deployment.toml")

    with (
        Run(new_run_id()) as run,
        pytest.raises(StackFailed, match=r'invalid value "TLSv9" in .*snippets/tls\.conf:1'),
        ProcessesStack(deployment, run),
    ):
        pass

    assert not run.folder.exists()


def test_a_parent_that_has_only_just_been_started_does_not_die_of_being_asked_for_its_replicas() -> None:
    """It is asked once it waits for the question; before that, the signal would have killed it."""
    with subprocess.Popen([sys.executable, "-c", LATE_PARENT]) as parent:
        replicas.bring_back(parent.pid, ())

    assert parent.returncode == 0


def test_replicas_that_do_not_come_back_are_told_in_words() -> None:
    """A parent that is gone brings nobody back."""
    with subprocess.Popen([sys.executable, "-c", ""]) as parent:
        pass

    with pytest.raises(StackFailed, match="could not be brought back"):
        replicas.bring_back(parent.pid, ())
