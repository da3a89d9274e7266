"""The operator of a stack's host: programs run inside, services halt, die, come back, are lost and made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.drills.resilience.knocks import ANSWERS, REFUSED, SILENT, knock
from plimsoll.errors import CouldNotLook, OutOfReach, StackFailed
from plimsoll.model import Deployment
from plimsoll.probes.wire import Client
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks import make
from plimsoll.stacks.protocol import Credentials, Hosting, Roads, Stack, endpoint_of
from plimsoll.stacks.readiness import status_of
from plimsoll.wait import wait_until
from tests.stacks.clients import redis, sql
from tests.stacks.needing_engine import need_engine

DATABASE = "fixrx_production"
ARCHIVE = "/var/lib/postgresql/wal-archive"


class Hosted(Stack, Credentials, Hosting, Protocol):
    """A stack whose host we operate."""


@pytest.fixture(scope="module")
def archiving() -> Deployment:
    """FixRx, whose database archives its log on a volume of its own."""
    return read_deployment(find("fixrx"))


@pytest.fixture(scope="module", params=["processes", "containers"])
def stack(request: pytest.FixtureRequest, archiving: Deployment) -> Iterator[Hosted]:
    """The deployment running, its writes on the disk."""
    if request.param == "containers":
        need_engine()
    with Run(new_run_id(), disk=True) as run, make(request.param, archiving, run, durable=True) as running:
        assert isinstance(running, Hosting)
        assert isinstance(running, Credentials)
        yield running


def said(stack: Hosted, role: str, *command: str) -> str:
    """What a program said that ran inside, whose end was good."""
    inside = stack.inside(role)
    done = subprocess.run(
        [*inside.words, *command],
        env={**os.environ, **inside.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ask(stack: Hosted, statement: str, role: str = "postgres") -> object:
    """The first value that the database answers."""
    return sql(stack, role, statement, database=DATABASE)


def test_writes_wait_for_the_disk(stack: Hosted) -> None:
    """Nothing is confirmed that a crash of the machine would lose, and the journal can say what that costs."""
    assert [ask(stack, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")] == ["on"] * 3
    assert stack.medium.split(", ")[-1] in ("fsync", "tmpfs")


def test_programs_run_inside(stack: Hosted) -> None:
    """A client of the database needs no more than a user's name there, a client of Redis nothing at all."""
    user, _ = stack.credentials("postgres")

    assert said(stack, "postgres", "psql", "--username", user, DATABASE, "-Atc", "SELECT 40 + 2") == "42"
    assert said(stack, "redis", "sh", "-c", 'redis-cli -p "${REDIS_PORT:-6379}" PING') == "PONG"
    with pytest.raises(OutOfReach):
        stack.inside("butler")


def test_a_halted_service_keeps_its_data_and_its_machine(stack: Hosted) -> None:
    """PostgreSQL ends in good order, can be looked at meanwhile, and comes back with all it had."""
    ask(stack, "CREATE TABLE kept AS SELECT 7 AS number")

    stack.halt("postgres")
    meanwhile = said(stack, "postgres", "sh", "-c", 'pg_controldata "$PGDATA"')
    stack.resume("postgres")

    assert "shut down" in meanwhile
    assert ask(stack, "SELECT number FROM kept") == 7


def test_a_killed_service_keeps_what_it_confirmed(stack: Hosted) -> None:
    """PostgreSQL and Redis are dead without a last word, and come back with every confirmed write."""
    ask(stack, "CREATE TABLE confirmed AS SELECT 8 AS number")
    redis(stack, "redis", "SET confirmed yes")

    for role in ("postgres", "redis"):
        stack.kill(role)
    control = said(stack, "postgres", "sh", "-c", 'pg_controldata "$PGDATA"')
    for role in ("postgres", "redis"):
        stack.resume(role)

    assert "in production" in control
    assert ask(stack, "SELECT number FROM confirmed") == 8
    assert said(stack, "redis", "sh", "-c", 'redis-cli -p "${REDIS_PORT:-6379}" GET confirmed') == "yes"


def test_the_log_is_archived_on_its_volume(stack: Hosted) -> None:
    """The server may write to the archive that its configuration names, and whoever runs inside finds it there."""
    place = stack.place("postgres", ARCHIVE)

    ask(stack, "SELECT pg_switch_wal()")

    assert wait_until(lambda: said(stack, "postgres", "ls", place), timeout=10, what="an archived segment")


def test_one_replica_is_killed_and_comes_back(stack: Hosted) -> None:
    """The application goes on with the others; resumed, every one of them serves."""
    stack.kill("app", replica=1)
    meanwhile = status_of(endpoint_of(stack, "edge"), "/api/v1/system/live")
    stack.resume("app")

    assert meanwhile == 200
    ready = [status_of(e, "/api/v1/system/live") for e in stack.endpoints if e.role == "app"]
    assert (len(ready) >= 2, set(ready)) == (True, {200})


def test_a_service_that_stands_still_goes_on(stack: Hosted) -> None:
    """It accepts connections and says nothing, and what was asked meanwhile is answered afterwards."""
    place = endpoint_of(stack, "redis")
    stack.freeze("redis")
    meanwhile = knock(place)
    stack.thaw("redis")

    assert meanwhile == SILENT
    wait_until(lambda: knock(place), lambda said: said == ANSWERS, timeout=5.0)


def test_one_replica_stands_still(stack: Hosted) -> None:
    """The others answer."""
    places = [e for e in stack.endpoints if e.role == "app"]
    stack.freeze("app", replica=len(places))
    found = [knock(place) for place in places]
    stack.thaw("app")

    assert found == [*[ANSWERS] * (len(places) - 1), SILENT]


def test_a_revived_service_is_there_before_anybody_waited(stack: Hosted) -> None:
    """It is started, and needs its time."""
    place = endpoint_of(stack, "redis")
    stack.kill("redis")
    dead = knock(place)
    stack.revive("redis")

    assert dead == REFUSED
    wait_until(lambda: knock(place), lambda said: said == ANSWERS, timeout=10.0)


def test_data_is_replaced_under_a_halted_server(stack: Hosted) -> None:
    """What cannot start says why, can be mended from inside, and starts then."""
    stack.halt("postgres")
    said(stack, "postgres", "sh", "-c", 'mv "$PGDATA/global" "$PGDATA/aside"')
    with pytest.raises(StackFailed):
        stack.resume("postgres")
    said(stack, "postgres", "sh", "-c", 'mv "$PGDATA/aside" "$PGDATA/global"')
    stack.resume("postgres")

    assert ask(stack, "SELECT number FROM kept") == 7


def test_a_new_machine_has_the_volumes_of_the_old_one(stack: Hosted) -> None:
    """What lies on a volume is there again, what was left beside it is gone."""
    ask(stack, "CREATE TABLE carried AS SELECT 9 AS number")
    redis(stack, "redis", "SET carried yes")
    left = stack.place("postgres", "/var/lib/postgresql/left")
    said(stack, "postgres", "touch", left)

    for role in ("postgres", "redis", "edge"):
        stack.remake(role)

    assert ask(stack, "SELECT number FROM carried") == 9
    assert redis(stack, "redis", "GET carried") == "$3"
    assert said(stack, "postgres", "sh", "-c", f"ls {left} 2>/dev/null || echo gone") == "gone"
    assert said(stack, "postgres", "ls", stack.place("postgres", ARCHIVE))


def test_uploads_are_shared(stack: Hosted) -> None:
    """What lies in the folder of uploads here lies where the application keeps uploads."""
    (stack.uploads / "picture.txt").write_text("a picture", encoding="utf-8")

    assert said(stack, "app", "cat", stack.place("app", "/uploads/picture.txt")) == "a picture"


def test_a_lost_service_begins_anew(stack: Hosted) -> None:
    """A lost database is empty, with its user and the name of its database; a lost Redis holds nothing."""
    redis(stack, "redis", "SET lost yes")

    stack.lose("postgres")
    stack.lose("redis")
    down = [status_of(endpoint_of(stack, "edge"), "/api/v1/system/ready")]
    stack.resume("postgres")
    stack.resume("redis")

    assert down != [200]
    assert ask(stack, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert redis(stack, "redis", "GET lost") == "$-1"
    assert said(stack, "postgres", "ls", stack.place("postgres", ARCHIVE))


def test_an_edge_serves_the_certificate_that_it_was_given(stack: Hosted) -> None:
    """One that has ended makes clients leave; a good one has them back, and nobody restarts anything."""
    edge = endpoint_of(stack, "edge")

    stack.certify("edge", days=-1)
    with pytest.raises(CouldNotLook, match="expired"):
        Client(edge).connect()
    stack.certify("edge", days=90)

    Client(edge).connect().close()


def test_what_is_between_two_containers_can_be_worsened(stack: Hosted) -> None:
    """Parted, the one does not answer the other, and answers us; without names nobody finds anybody. All of it ends."""
    if not isinstance(stack, Roads):
        pytest.skip("not run: processes of one machine have no network between them")
    asking = "import socket; socket.create_connection(('postgres', 5432), timeout=0.5)"

    def finds() -> bool:
        inside = stack.inside("app")
        command = [*inside.words, "env", "RES_OPTIONS=timeout:1 attempts:1", "python3", "-c", asking]
        return not subprocess.run(command, capture_output=True, check=False).returncode

    assert finds()
    with stack.parted("postgres", "app") as parted:
        assert not finds()
        assert ask(stack, "SELECT 1") == 1
    assert finds()
    with stack.nameless("app") as nameless:
        assert not finds()
    assert finds()
    with stack.slowed("postgres", "app") as slowed:
        assert ask(stack, "SELECT 1") == 1

    assert "nft drops" in parted
    assert "127.0.0.11" in nameless
    assert "netem" in slowed


def test_an_edge_that_goes_on_as_it_was_is_told(stack: Hosted, tmp_path: Path) -> None:
    """Its files are good, and the workers that it has go on, as the one who would exchange them stands still."""
    if stack.kind != "containers":
        pytest.skip("not run: processes have an edge that is waited for elsewhere")
    files = Path(shutil.copytree(stack.artefacts, tmp_path / "files"))
    master = "kill -%s $(grep -lsa '^nginx: master' /proc/[0-9]*/cmdline | cut -d/ -f3)"
    said(stack, "edge", "sh", "-c", master % "STOP")
    try:
        with pytest.raises(StackFailed, match="nginx did not take the configuration over"):
            stack.reread("edge", files)
    finally:
        said(stack, "edge", "sh", "-c", master % "CONT")
    assert stack.reread("edge", files).code == 0
