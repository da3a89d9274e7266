"""NestMap in containers: ready, taken down, changed while it runs, and gone."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import NotTaken, StackFailed
from plimsoll.labelled import LABEL
from plimsoll.model import Deployment
from plimsoll.runs import Run, new_run_id, remove, runs_folder
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.stack import ContainersStack
from plimsoll.stacks.protocol import Commands, Endpoint, Interruptible, Reconfigurable, endpoint_of, endpoints_of
from plimsoll.stacks.readiness import status_of
from plimsoll.wait import wait_until
from tests.stacks.needing_engine import left_of, need_engine
from tests.stacks.restoring import is_put_back

PROJECT = Path(__file__).parents[2]

OWNER = """
import sys
from plimsoll.deployment import find, read_deployment
from plimsoll.runs import Run
from plimsoll.stacks.containers.stack import ContainersStack

with Run(sys.argv[1]) as run, ContainersStack(read_deployment(find("nestmap")), run) as stack:
    print(*{":".join(map(str, e.address)) for e in stack.endpoints}, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def nestmap() -> Deployment:
    """NestMap as its file describes it."""
    return read_deployment(find("nestmap"))


@pytest.fixture(scope="module")
def stack(nestmap: Deployment) -> Iterator[ContainersStack]:
    """NestMap running; that nothing of it is left afterwards is checked as well."""
    need_engine()
    run_id = new_run_id()
    with Run(run_id) as run, ContainersStack(nestmap, run) as running:
        yield running
    assert left_of(run_id) == []
    assert not (runs_folder() / run_id).exists()


def ask(endpoint: Endpoint, path: str) -> http.client.HTTPResponse:
    """The answer to a GET over TLS that trusts nobody but the run's own authority."""
    context = ssl.create_default_context(cafile=endpoint.authority)
    connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, context=context)
    stream = socket.create_connection(endpoint.address, timeout=5)
    connection.sock = context.wrap_socket(stream, server_hostname=endpoint.host)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    return answer


def test_only_a_starting_stack_loads_the_engines_library() -> None:
    """Whoever imports the stacks, the containers among them, does not pay for a library that only they use."""
    command = "import sys, plimsoll.stacks, plimsoll.stacks.containers.stack; sys.exit('docker' in sys.modules)"
    subprocess.run([sys.executable, "-c", command], env={**os.environ, "PYTHONPATH": str(PROJECT)}, check=True)


def test_it_is_ready_when_entered(stack: ContainersStack) -> None:
    """Entered, the stack answers over verified TLS, redirects plain HTTP, and shows every application replica."""
    edge = endpoint_of(stack, "edge")
    assert ask(edge, "/ready").status == 200
    assert status_of(endpoint_of(stack, "edge-plain"), "/") == 301
    assert [status_of(replica, "/ready") for replica in endpoints_of(stack, "app")] == [200, 200, 200]
    assert set(stack.images) == {"edge", "app", "postgres", "redis"}
    assert isinstance(stack, Interruptible)
    assert isinstance(stack, Reconfigurable)
    assert isinstance(stack, Commands)


def test_only_this_machine_reaches_them(stack: ContainersStack) -> None:
    """Database and cache are on a network that reaches nothing outside, and nothing is published beyond loopback."""
    assert {endpoint_of(stack, role).scheme for role in ("postgres", "redis")} == {"postgresql", "redis"}
    assert all(ip_address(endpoint.address[0]).is_private for endpoint in stack.endpoints)
    client = engine()
    wanted = {"label": f"{LABEL}={stack.artefacts.parent.name}"}
    networks = {network.name.rpartition("-")[2]: network.attrs for network in client.networks.list(filters=wanted)}
    containers = client.containers.list(filters=wanted)
    client.close()
    assert networks["backend"]["Internal"] is True
    assert networks["frontend"]["Internal"] is False
    assert len(containers) == 6
    bound = [place for each in containers for places in each.ports.values() for place in places or ()]
    assert {place["HostIp"] for place in bound} == {"127.0.0.1"}


def test_the_very_artefacts_are_mounted(stack: ContainersStack, nestmap: Deployment) -> None:
    """What nginx reads inside is the deployment's file, byte for byte, and nginx accepts it."""
    inside = stack.run("edge", ["cat", "/etc/nginx/nginx.conf"])
    assert inside.output == (nestmap.root / "nginx/nginx.conf").read_text(encoding="utf-8")
    tested = stack.run("edge", ["nginx", "-t"])
    assert (tested.code, "test is successful" in tested.output) == (0, True)


def test_an_interrupted_application_is_a_bad_gateway(stack: ContainersStack) -> None:
    """While the application is down the edge answers 502 at once; afterwards everything is as before."""
    before = stack.endpoints
    with stack.interrupted("app"):
        assert ask(endpoint_of(stack, "edge"), "/health").status == 502
        assert [status_of(replica, "/health") for replica in endpoints_of(stack, "app")] == [None, None, None]
    assert stack.endpoints == before
    assert ask(endpoint_of(stack, "edge"), "/health").status == 200


@pytest.mark.parametrize("role", ["postgres", "redis"])
def test_an_interrupted_dependency_makes_the_application_unready(stack: ContainersStack, role: str) -> None:
    """The application notices that its database or cache is gone, and that it is back."""
    with stack.interrupted(role):
        assert [status_of(replica, "/ready") for replica in endpoints_of(stack, "app")] == [503, 503, 503]
    assert ask(endpoint_of(stack, "edge"), "/ready").status == 200


def test_artefacts_are_exchanged_while_it_runs(stack: ContainersStack, nestmap: Deployment, tmp_path: Path) -> None:
    """A changed header is served as soon as the exchange returns, and the old one after changing back."""
    edge, changed = endpoint_of(stack, "edge"), tmp_path / "changed"
    shutil.copytree(nestmap.root, changed)
    headers = changed / "nginx/snippets/security-headers.conf"
    headers.write_text(headers.read_text(encoding="utf-8").replace('"DENY"', '"SAMEORIGIN"'), encoding="utf-8")
    stack.reconfigure(changed, {})
    assert ask(edge, "/health").headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    stack.reconfigure(nestmap.root, {})
    assert ask(edge, "/health").headers.get_all("X-Frame-Options") == ["DENY"]


def test_a_refused_configuration_is_not_taken(stack: ContainersStack, nestmap: Deployment, tmp_path: Path) -> None:
    """Nginx's own words are shown, with file and line; what was served goes on, beside the file that was refused."""
    broken = tmp_path / "broken"
    shutil.copytree(nestmap.root, broken)
    (broken / "nginx/nginx.conf").write_text("events {}\nhttp { server_tokenz off; }\n", encoding="utf-8")
    with pytest.raises(NotTaken, match=r'unknown directive "server_tokenz" in /etc/nginx/nginx.conf:2'):
        stack.reconfigure(broken, {})
    assert ask(endpoint_of(stack, "edge"), "/health").status == 200
    assert stack.run("edge", ["nginx", "-t"]).code == 1
    stack.reconfigure(nestmap.root, {})
    assert stack.run("edge", ["nginx", "-t"]).code == 0


def test_the_application_takes_new_settings(stack: ContainersStack, nestmap: Deployment) -> None:
    """A changed variable restarts the application with it, at the same addresses; without it all is as before."""
    edge, before = endpoint_of(stack, "edge"), stack.endpoints
    stack.reconfigure(nestmap.root, {"app.PATH_LIVE": "/alive"})
    assert (ask(edge, "/alive").status, ask(edge, "/health").status) == (200, 404)
    stack.reconfigure(nestmap.root, {})
    assert (ask(edge, "/alive").status, ask(edge, "/health").status) == (404, 200)
    assert stack.endpoints == before


def test_logs_can_be_read(stack: ContainersStack) -> None:
    """Every container's log is in one folder, with the edge's own log files."""
    logs = stack.logs
    names = {path.stem for path in logs.glob("*.log")}
    assert names == {"edge", "app-1", "app-2", "app-3", "postgres", "redis"}
    assert "ready to accept connections" in (logs / "postgres.log").read_text(encoding="utf-8")
    assert "GET /health" in (logs / "edge/nestmap_access.log").read_text(encoding="utf-8")


def test_two_at_once_and_a_killed_owner(stack: ContainersStack) -> None:
    """A second stack runs beside the first; when its owner is killed nothing of it remains, and the first goes on."""
    run_id = new_run_id()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, run_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        text=True,
    ) as owner:
        assert owner.stdout is not None
        places = set(owner.stdout.readline().split())
        beside = left_of(run_id)
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not left_of(run_id) and not (runs_folder() / run_id).exists(), timeout=15, what="the reaper")
    assert len(beside) == 8
    assert len(places) == 7
    assert places.isdisjoint(":".join(map(str, endpoint.address)) for endpoint in stack.endpoints)
    assert ask(endpoint_of(stack, "edge"), "/health").status == 200


def test_a_service_that_fails_is_named(nestmap: Deployment, tmp_path: Path) -> None:
    """A service that cannot start ends the start with its name and last words; logs are kept, nothing else is."""
    need_engine()
    broken = tmp_path / "broken"
    shutil.copytree(nestmap.root, broken)
    (broken / "app/app.env").write_text("APP_NAME=nestmap\nDB_POOL_SIZE=many\n", encoding="utf-8")
    run_id, logs = new_run_id(), tmp_path / "logs"
    with Run(run_id) as run, pytest.raises(StackFailed) as raised:
        ContainersStack(replace(nestmap, root=broken), run, logs=logs).__enter__()
    assert any(f"app-{number} ended" in raised.value.fact for number in (1, 2, 3))
    assert "DB_POOL_SIZE must be a whole number" in raised.value.fact
    kept = [path.read_text(encoding="utf-8") for path in logs.glob("app-*.log")]
    assert any("DB_POOL_SIZE must be a whole number" in text for text in kept)
    assert left_of(run_id) == []


def test_a_kept_stack_goes_on(nestmap: Deployment) -> None:
    """A run that is to be kept leaves its stack serving, until its folder is removed like any left-over's."""
    need_engine()
    run_id = new_run_id()
    try:
        with Run(run_id, keep=True) as run, ContainersStack(nestmap, run) as kept:
            pass
        assert ask(endpoint_of(kept, "edge"), "/health").status == 200
    finally:
        remove(runs_folder() / run_id)
    assert left_of(run_id) == []


def test_data_is_put_back(stack: ContainersStack) -> None:
    """What was written after a snapshot is gone after a restore, which every replica survives."""
    assert is_put_back(stack)
