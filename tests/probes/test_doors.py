"""Knocking at services: real ones that are careful, and real ones that are not."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pg8000.native import Connection, literal

from plimsoll.observations import Door
from plimsoll.probes.auth import postgres_door, redis_door, web_door
from plimsoll.stacks.processes.programs import free_ports, give_away, program, unprivileged
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import wait_until
from tests.probes.conftest import let_in
from tests.probes.hostile import serving

PASSWORD = "the right one"  # noqa: S105 - of a server that lives for a test
HBA = """
host all trusting 127.0.0.1/32 trust
host all plain 127.0.0.1/32 password
host all old 127.0.0.1/32 md5
host all careful,postgres 127.0.0.1/32 scram-sha-256
"""


def results(door: Door) -> Mapping[str, str]:
    """How each knock ended."""
    return {knock.offered: knock.result for knock in door.knocks}


def knocked_at_redis(port: int, *, secret: str = PASSWORD, politely: bool = False) -> Door:
    return redis_door.knock(at("redis", port), right=("", secret), politely=politely, seconds=5)


def at(scheme: str, port: int) -> Endpoint:
    """A service on this machine."""
    return Endpoint(role=scheme, scheme=scheme, host="localhost", port=port, address=("127.0.0.1", port))


@contextmanager
def redis(folder: Path, *options: str) -> Iterator[int]:
    """A Redis with these options; its port."""
    [port] = free_ports(1)
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: knocked_at_redis(port, politely=True).answered, timeout=10)
            yield port
        finally:
            process.kill()


def test_a_redis_with_a_password_opens_to_it_alone(tmp_path: Path) -> None:
    """Nothing, the empty, a wrong and the usual passwords are refused."""
    with redis(tmp_path, "--requirepass", PASSWORD) as port:
        door = knocked_at_redis(port)

    assert set(results(door).values()) == {"refused"}
    assert door.entered
    assert door.entered.result == "let in"
    assert "WRONGPASS" in door.knocks[2].words


def test_a_redis_without_a_password_lets_anybody_in(tmp_path: Path) -> None:
    """Whatever is offered: there is nothing to be wrong."""
    with redis(tmp_path) as port:
        door = knocked_at_redis(port)

    assert set(results(door).values()) == {"let in"}


def test_a_redis_with_an_example_password_lets_in_who_tries_it(tmp_path: Path) -> None:
    """Its own example configuration has that password."""
    with redis(tmp_path, "--requirepass", "foobared") as port:
        door = knocked_at_redis(port, secret="foobared")  # noqa: S106 - the example

    assert [name for name, result in results(door).items() if result == "let in"] == ["the usual password 'foobared'"]


def test_live_targets_are_not_guessed_at(tmp_path: Path) -> None:
    """One polite question: whether a password is asked for."""
    with redis(tmp_path, "--requirepass", PASSWORD) as port:
        door = knocked_at_redis(port, politely=True)

    assert results(door) == {"no password": "refused"}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A PostgreSQL whose users are asked for their password in four ways; its port."""
    folder = tmp_path_factory.mktemp("postgres")
    let_in(folder)
    data, [port] = folder / "data", free_ports(1)
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    data.mkdir(mode=0o700)
    give_away(data, folder / "password")
    run = {"capture_output": True, "cwd": folder, **unprivileged()}
    made = [program("initdb"), "-D", str(data), "-U", "postgres", "-A", "scram-sha-256"]
    subprocess.run([*made, f"--pwfile={folder / 'password'}", "--no-sync"], check=True, **run)  # type: ignore[call-overload] # user and groups
    (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
    command = [program("postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-F"]
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **unprivileged()}
    command += ["-c", "unix_socket_directories="]
    with subprocess.Popen(command, **options) as process:  # type: ignore[call-overload] # likewise
        try:
            wait_until(lambda: "let in" in str(knocked_at_postgres(port, "postgres").entered), timeout=20)
            with Connection("postgres", password=PASSWORD, host="127.0.0.1", port=port) as database:
                for user in ("trusting", "plain", "old", "careful"):
                    kind = "md5" if user == "old" else "scram-sha-256"
                    database.run(f"SET password_encryption = {literal(kind)}")
                    database.run(f"CREATE USER {user} PASSWORD {literal(PASSWORD)}")
            yield port
        finally:
            process.terminate()


def knocked_at_postgres(port: int, user: str) -> Door:
    return postgres_door.knock(at("postgresql", port), right=(user, PASSWORD), politely=False, seconds=5)


@pytest.mark.parametrize(("user", "method"), [("careful", "scram-sha-256"), ("old", "md5"), ("plain", "password")])
def test_how_postgres_asks_is_seen(postgres: int, user: str, method: str) -> None:
    """Each way of asking for a password is recognised, and the right one opens in each."""
    door = knocked_at_postgres(postgres, user)

    assert door.method == method
    assert set(results(door).values()) == {"refused"}
    assert door.entered
    assert door.entered.result == "let in"
    assert door.stored == {}, "no superuser, so nothing was told"


def test_a_trusting_postgres_lets_anybody_in(postgres: int) -> None:
    """No password is asked for, so none is wrong."""
    door = knocked_at_postgres(postgres, "trusting")

    assert door.method == "trust"
    assert results(door)["no password as trusting"] == "let in"


def test_how_passwords_are_stored_is_told_to_a_superuser(postgres: int) -> None:
    """One user's password is still of the old kind, and no hash leaves the server."""
    door = knocked_at_postgres(postgres, "postgres")

    assert (door.stored["old"], door.stored["careful"], door.storing) == ("md5", "scram-sha-256", "scram-sha-256")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 5000, b"R\0\0\0\x08\0\0\0\x0a", b"N" * 70_000]
)
@pytest.mark.parametrize("scheme", ["redis", "postgresql"])
def test_whoever_answers_strangely_is_silent(scheme: str, answer: bytes) -> None:
    """What is no answer of such a service neither lets in nor refuses, and ends in time."""
    knock = redis_door.knock if scheme == "redis" else postgres_door.knock
    with serving(lambda stream, _: stream.sendall(answer), greet=True) as server:
        endpoint = replace(at(scheme, 1), address=server.address)
        door = knock(endpoint, right=None, politely=True, seconds=1)

    assert set(results(door).values()) <= {"silent", "refused"}
    assert scheme == "postgresql" or not door.answered


def test_grafana_is_knocked_at_in_two_ways() -> None:
    """The login page and basic authentication: whoever answers 401 to both refused both."""
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda stream, _: stream.sendall(refusal)) as server:
        endpoint = replace(at("http", 1), address=server.address)
        door = web_door.knock_at_grafana(endpoint, right=("admin", PASSWORD), politely=False, seconds=5)

    assert set(results(door).values()) == {"refused"}
    assert sum(b"POST /login" in request for request in server.requests) == len(web_door.GRAFANA_USUAL) + 1
    assert any(knock.default and "basic" in knock.offered for knock in door.knocks)
