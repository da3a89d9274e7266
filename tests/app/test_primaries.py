"""Redis on several hosts, of which one takes writes: the application finds it, whichever it is."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.stacks.processes.programs import LOOPBACK
from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import App, Server, wait_until


@pytest.fixture
def pair(folder: Path) -> Iterator[tuple[Server, Server]]:
    """A primary and its replica."""
    primary, replica = processes.redis(folder).start(), processes.redis(folder)
    replica.command += ["--replicaof", LOOPBACK, str(primary.port)]
    replica.start()
    yield primary, replica
    primary.stop()
    replica.stop()


def tell(server: Server, command: str) -> str:
    """The first line that a Redis answers."""
    with socket.create_connection((LOOPBACK, server.port), timeout=5) as stream:
        stream.sendall(f"{command}\r\n".encode())
        return stream.makefile().readline().strip()


def takes_jobs(app: App, token: str) -> bool:
    """Whether a job gets into the queue."""
    return app.ask("POST", "/api/jobs", token=token, json={"kind": "report"}).status_code == 202


def started(launch: Launch, *servers: Server) -> App:
    """An application that knows these, and no other."""
    hosts = ",".join(f"{LOOPBACK}:{server.port}" for server in servers)
    return launch(REDIS_URL=f"redis://{LOOPBACK}:1", REDIS_HOSTS=hosts)


def test_a_replica_is_passed_over(launch: Launch, pair: tuple[Server, Server], admin: str) -> None:
    """Although it comes first, and would be glad to answer."""
    primary, replica = pair
    app = started(launch, replica, primary)

    assert takes_jobs(app, admin)
    assert tell(primary, "LLEN queue:waiting") == ":1"


def test_whoever_takes_over_is_found(launch: Launch, pair: tuple[Server, Server], admin: str) -> None:
    """The primary dies, and another takes its place: without one nothing is taken, and then it goes on."""
    primary, replica = pair
    app = started(launch, primary, replica)
    assert takes_jobs(app, admin)

    primary.stop()
    between = takes_jobs(app, admin)
    tell(replica, "REPLICAOF NO ONE")

    assert not between
    wait_until(lambda: takes_jobs(app, admin), error="nobody takes jobs")


def test_a_primary_that_became_a_replica_is_left(launch: Launch, pair: tuple[Server, Server], admin: str) -> None:
    """It refuses a write on a connection that stood before; the next one goes to its successor."""
    primary, replica = pair
    app = started(launch, primary, replica)
    assert takes_jobs(app, admin)

    tell(replica, "REPLICAOF NO ONE")
    tell(primary, f"REPLICAOF {LOOPBACK} {replica.port}")

    wait_until(lambda: takes_jobs(app, admin), error="nobody takes jobs")
    assert int(tell(replica, "LLEN queue:waiting").removeprefix(":")) >= 1
