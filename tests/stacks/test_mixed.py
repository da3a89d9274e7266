"""A deployment of many recipes runs on either kind of stack: each service is reached, taken away and exchanged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks import make
from plimsoll.stacks.protocol import (
    Credentials,
    Interruptible,
    Reconfigurable,
    Signing,
    Stack,
    endpoint_of,
    endpoints_of,
)
from plimsoll.stacks.readiness import status_of
from plimsoll.wait import wait_until
from tests.stacks.clients import page, redis, sql
from tests.stacks.needing_engine import need_engine

MIXED = Path(__file__).parent / "mixed"
DATABASE = "mixed_production"


class Started(Stack, Credentials, Interruptible, Reconfigurable, Signing, Protocol):
    """A stack that we started, with all it can do."""


@pytest.fixture(scope="module")
def mixed() -> Deployment:
    """The deployment."""
    return read_deployment(MIXED / "deployment.toml")


@pytest.fixture(scope="module", params=["processes", "containers"])
def stack(request: pytest.FixtureRequest, mixed: Deployment) -> Iterator[Started]:
    """The deployment running, on each kind that can start it."""
    if request.param == "containers":
        need_engine()
    elif shutil.which("prometheus") is None:
        pytest.skip("not run: prometheus is not installed")
    with Run(new_run_id()) as run, make(request.param, mixed, run) as running:
        assert isinstance(running, Credentials)
        assert isinstance(running, Interruptible)
        assert isinstance(running, Reconfigurable)
        assert isinstance(running, Signing)
        yield running


@pytest.fixture
def changed(mixed: Deployment, tmp_path: Path) -> Path:
    """A copy of the artefacts that a test may change."""
    shutil.copytree(mixed.root, tmp_path / "changed")
    return tmp_path / "changed"


def edit(file: Path, old: str, new: str) -> None:
    """One text of a file is another now."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def started_at(stack: Started, role: str) -> object:
    """When a PostgreSQL service started."""
    return sql(stack, role, "SELECT pg_postmaster_start_time()", database=DATABASE)


def test_every_port_has_an_endpoint(stack: Started) -> None:
    """Each TCP port of each replica is an endpoint of its role, with a scheme that tells what is spoken there."""
    seen = sorted((endpoint.role, endpoint.scheme, endpoint.port) for endpoint in stack.endpoints)

    assert seen == [
        ("api", "http", 3001),
        ("api", "http", 3001),
        ("api", "http", 9464),
        ("api", "http", 9464),
        ("cache", "rediss", 6380),
        ("edge", "https", 443),
        ("edge-plain", "http", 80),
        ("edge-plain", "http", 8080),
        ("grafana", "http", 3100),
        ("identity", "http", 9000),
        ("primary", "postgresql", 5432),
        ("prometheus", "http", 9090),
        ("standby", "postgresql", 5433),
        ("web", "http", 3000),
    ]
    assert len({endpoint.address for endpoint in stack.endpoints}) == len(seen)
    assert set(stack.images) == {endpoint.role for endpoint in stack.endpoints} - {"edge-plain"} | {"worker"}


def test_the_edge_reaches_each_application_by_its_own_name(stack: Started) -> None:
    """Either virtual host has a certificate that the run's authority issued, and its own application behind it."""
    edge = endpoint_of(stack, "edge")

    assert page(edge, "/ready")[0] == 200
    assert page(edge, "/api/v1/ready", host="api.mixed.test")[0] == 200
    assert page(edge, "/api/v1/ready")[0] == 404
    assert page(edge, "/grafana/", host="api.mixed.test")[0] == 404


def test_a_database_has_its_fragment_and_its_certificate(stack: Started) -> None:
    """PostgreSQL speaks TLS with the run's certificate and has the fragment's figures, and ours where it says none."""
    asked = [("max_connections", "60"), ("work_mem", "8MB"), ("ssl_min_protocol_version", "TLSv1.3"), ("fsync", "off")]

    assert [(name, sql(stack, "primary", f"SHOW {name}", database=DATABASE)) for name, _ in asked] == asked
    encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert sql(stack, "primary", encrypted, database=DATABASE) is True


def test_a_standby_follows(stack: Started) -> None:
    """What is written to the primary can be read from the standby, which takes no writes itself."""
    sql(stack, "primary", "CREATE TABLE followed AS SELECT 7 AS seven", database=DATABASE)
    arrived = "SELECT count(*) FROM pg_class WHERE relname = 'followed'"
    wait_until(lambda: sql(stack, "standby", arrived, database=DATABASE) == 1, timeout=10, what="the table")

    assert sql(stack, "standby", "SELECT seven FROM followed", database=DATABASE) == 7
    assert sql(stack, "standby", "SELECT pg_is_in_recovery()", database=DATABASE) is True
    sql(stack, "primary", "DROP TABLE followed", database=DATABASE)


def test_redis_has_its_fragment_and_its_password(stack: Started) -> None:
    """Redis speaks TLS, has the fragment's figures, and lets nobody in without the run's password."""
    assert redis(stack, "cache", "CONFIG GET maxmemory") == str(32 << 20)
    assert redis(stack, "cache", "PING", known=False).startswith("-NOAUTH")


def test_prometheus_scrapes_what_its_configuration_names(stack: Started) -> None:
    """The target `web:3000` is up, wherever it is here, and the rules beside the configuration are loaded."""
    prometheus = endpoint_of(stack, "prometheus")

    def is_up() -> bool:
        return '"1"' in str(page(prometheus, "/api/v1/query?query=up%7Bjob=%22web%22%7D")[1]).replace("'", '"')

    wait_until(is_up, timeout=10, what="the first scrape")
    assert "WebIsDown" in str(page(prometheus, "/api/v1/rules")[1])


def test_grafana_knows_the_runs_password_alone(stack: Started) -> None:
    """The administrator has the run's password, not the one that Grafana is delivered with."""
    grafana = endpoint_of(stack, "grafana")

    assert page(grafana, "/api/org", login=stack.credentials("grafana"))[0] == 200
    assert page(grafana, "/api/org", login=("admin", "admin"))[0] == 401
    assert {stack.credentials(role)[1] for role in ("primary", "cache", "grafana")} <= set(stack.secrets)
    with pytest.raises(OutOfReach, match="nobody logs in to web"):
        stack.credentials("web")


def test_the_signing_key_is_at_hand(stack: Started) -> None:
    """The key is one that forgeries can be made with."""
    assert stack.signing_key.read_text(encoding="utf-8").startswith("-----BEGIN PRIVATE KEY-----")


def test_one_replica_is_away_and_the_other_serves(stack: Started) -> None:
    """The ports of one replica refuse, the other's answer, and so does the edge; afterwards both serve."""
    edge, replicas = endpoint_of(stack, "edge"), endpoints_of(stack, "api")

    with stack.interrupted("api", replica=2):
        during = [status_of(replica, "/api/v1/ready") for replica in replicas]
        through = {page(edge, "/api/v1/ready", host="api.mixed.test")[0] for _ in range(4)}

    assert (during, through) == ([200, 200, None, None], {200})
    assert [status_of(replica, "/api/v1/ready") for replica in replicas] == [200] * 4
    with pytest.raises(OutOfReach, match="api has 2 replicas, and no replica 3"), stack.interrupted("api", replica=3):
        pass


@pytest.mark.parametrize("role", ["primary", "cache", "worker", "prometheus"])
def test_a_service_is_away_and_comes_back(stack: Started, role: str) -> None:
    """Applications notice that what they need is away, and every service serves again afterwards."""
    web, needed = endpoint_of(stack, "web"), role in ("primary", "cache")

    with stack.interrupted(role):
        assert status_of(web, "/ready") == (503 if needed else 200)

    assert status_of(web, "/ready") == 200
    assert sql(stack, "standby", "SELECT 1", database=DATABASE) == 1


def test_a_changed_fragment_restarts_its_service_alone(stack: Started, mixed: Deployment, changed: Path) -> None:
    """Redis and PostgreSQL take other figures, each without the other's start, and the old ones back again."""
    primary = started_at(stack, "primary")
    edit(changed / "redis.conf", "maxmemory 32mb", "maxmemory 16mb")
    stack.reconfigure(changed, {})
    assert redis(stack, "cache", "CONFIG GET maxmemory") == str(16 << 20)
    assert started_at(stack, "primary") == primary

    edit(changed / "postgresql.conf", "work_mem = 8MB", "work_mem = 9MB")
    standby = started_at(stack, "standby")
    stack.reconfigure(changed, {})
    assert sql(stack, "primary", "SHOW work_mem", database=DATABASE) == "9MB"
    assert started_at(stack, "standby") == standby

    stack.reconfigure(mixed.root, {})
    assert redis(stack, "cache", "CONFIG GET maxmemory") == str(32 << 20)
    assert sql(stack, "primary", "SHOW work_mem", database=DATABASE) == "8MB"


def test_encryption_can_be_taken_away(stack: Started, mixed: Deployment, changed: Path) -> None:
    """A database without TLS and a Redis without password are as wrong as a mutant wants them, and everything runs."""
    edit(changed / "postgresql.conf", "ssl = on", "ssl = off")
    edit(changed / "redis.conf", "maxmemory 32mb", 'maxmemory 32mb\nrequirepass ""')
    stack.reconfigure(changed, {})
    try:
        assert redis(stack, "cache", "PING", known=False) == "+PONG"
        assert status_of(endpoint_of(stack, "web"), "/ready") == 200
        assert sql(stack, "primary", "SHOW ssl", database=DATABASE) == "off"
    finally:
        stack.reconfigure(mixed.root, {})
    assert redis(stack, "cache", "PING", known=False).startswith("-NOAUTH")
    assert sql(stack, "primary", "SHOW ssl", database=DATABASE) == "on"


def test_settings_reach_the_service_they_name(stack: Started, mixed: Deployment) -> None:
    """A variable is that of one role alone, and gone when it is no longer given."""
    web, api = endpoint_of(stack, "web"), endpoint_of(stack, "api")

    stack.reconfigure(mixed.root, {"web.PATH_VERSION": "/which"})
    assert (status_of(web, "/which"), status_of(api, "/which")) == (200, 404)
    stack.reconfigure(mixed.root, {})
    assert status_of(web, "/which") == 404


def test_a_service_that_would_not_start_is_mended(stack: Started, mixed: Deployment, changed: Path) -> None:
    """A fragment that Redis refuses fails the exchange with its own words; the next exchange brings it back."""
    edit(changed / "redis.conf", "maxmemory 32mb", "maxmemory many")
    with pytest.raises(Exception, match="maxmemory"):
        stack.reconfigure(changed, {})
    stack.reconfigure(mixed.root, {})
    assert redis(stack, "cache", "PING") == "+PONG"
    assert status_of(endpoint_of(stack, "web"), "/ready") == 200
