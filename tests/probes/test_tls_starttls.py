"""PostgreSQL and Redis are surveyed as they speak TLS, and whether they serve without it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plimsoll.errors import MissingTool
from plimsoll.probes.tls.starttls import serves_plaintext
from plimsoll.stacks.processes.programs import free_ports, give_away, program, unprivileged
from plimsoll.wait import Deadline, wait_until
from tests.probes import hostile
from tests.probes.conftest import Authority, Edge, let_in
from tests.probes.tls_servers import at, certificate, look, running

INITDB = ("--auth=trust", "--no-sync", "--username=postgres", "--locale=C.UTF-8", "--encoding=UTF8")


@contextmanager
def postgres(folder: Path, leaf: Path | None, *, only_tls: bool) -> Iterator[int]:
    """PostgreSQL, with TLS if there is a certificate, and without only where that is allowed; its port."""
    try:
        server, initdb = program("postgres"), program("initdb")
    except MissingTool as missing:
        pytest.skip(f"not run: {missing.fact}")
    data = folder / "data"
    let_in(folder)
    data.mkdir(mode=0o700)
    give_away(data)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [initdb, "-D", data, *INITDB], check=True, capture_output=True, env=environment, cwd=data, **unprivileged()
    )  # type: ignore[call-overload] # user and groups
    kind = "hostssl" if only_tls else "host"
    (data / "pg_hba.conf").write_text(f"{kind} all all 127.0.0.1/32 trust\n")
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    if leaf:
        own = Path(shutil.copy(leaf, data / "leaf.pem"))
        own.chmod(0o600)
        give_away(own)
        settings |= {"ssl": "on", "ssl_cert_file": "leaf.pem", "ssl_key_file": "leaf.pem"}
    port = free_ports(1)[0]
    command = [server, "-D", str(data), "-p", str(port)]
    command += [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with running(command, folder, port=port, env=environment, cwd=data, **unprivileged()):
        endpoint = at(port, scheme="postgresql")
        wait_until(
            lambda: serves_plaintext(endpoint, deadline=Deadline.after(1)),
            lambda answer: answer is not None,  # until then it says that it is starting up
            timeout=10,
        )
        yield port


@contextmanager
def redis(folder: Path, leaf: Path | None) -> Iterator[int]:
    """Redis, with TLS alone if there is a certificate, else without; its port."""
    try:
        server = program("redis-server")
    except MissingTool as missing:
        pytest.skip(f"not run: {missing.fact}")
    port = free_ports(1)[0]
    command = [server, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    if leaf:
        secure = {
            "tls-port": str(port),
            "tls-cert-file": str(leaf),
            "tls-key-file": str(leaf),
            "tls-auth-clients": "no",
        }
        command += ["--port", "0", *(part for key, value in secure.items() for part in (f"--{key}", value))]
    else:
        command += ["--port", str(port)]
    with running(command, folder, port=port):
        yield port


def test_postgres_that_wants_tls(tmp_path: Path, authority: Authority) -> None:
    """PostgreSQL is asked for TLS in its own protocol; without encryption it serves nobody."""
    leaf = certificate(authority.ca, tmp_path / "leaf.pem")
    with postgres(tmp_path, leaf, only_tls=True) as port:
        seen = look(at(port, scheme="postgresql", authority=authority.pem, role="postgres"))

    assert (seen.accepted, seen.plaintext, seen.trouble) == (("TLSv1.2", "TLSv1.3"), False, "")
    assert [chain.trouble for chain in seen.chains] == [""]
    assert {each.suite for each in seen.spoken("TLSv1.3")} >= {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"}


def test_postgres_that_only_offers_tls(tmp_path: Path, authority: Authority) -> None:
    """PostgreSQL with `host` lines speaks TLS and serves without it as well."""
    leaf = certificate(authority.ca, tmp_path / "leaf.pem")
    with postgres(tmp_path, leaf, only_tls=False) as port:
        seen = look(at(port, scheme="postgresql", role="postgres"))
    assert (seen.accepted, seen.plaintext) == (("TLSv1.2", "TLSv1.3"), True)


def test_postgres_without_tls(tmp_path: Path) -> None:
    """PostgreSQL without a certificate declines, which is seen and no error."""
    with postgres(tmp_path, None, only_tls=False) as port:
        seen = look(at(port, scheme="postgresql", role="postgres"))
    assert (seen.accepted, seen.plaintext) == ((), True)
    assert "answers a request for TLS with b'N'" in seen.trouble


def test_redis_that_wants_tls(tmp_path: Path, authority: Authority) -> None:
    """Redis speaks TLS at once, and does not answer without."""
    leaf = certificate(authority.ca, tmp_path / "leaf.pem")
    with redis(tmp_path, leaf) as port:
        seen = look(at(port, scheme="rediss", authority=authority.pem, role="redis"))
    assert (seen.accepted, seen.plaintext, seen.chains[0].trouble) == (("TLSv1.2", "TLSv1.3"), False, "")


def test_redis_without_tls(tmp_path: Path) -> None:
    """Redis without a certificate serves without encryption."""
    with redis(tmp_path, None) as port:
        seen = look(at(port, scheme="redis", role="redis"), deadline=2)
    assert (seen.accepted, seen.plaintext) == ((), True)


def test_http_and_https(edge: Edge) -> None:
    """A plain port serves without encryption, a TLS port answers plain clients that they are wrong there."""
    plain, secure = look(edge.endpoint("plain")), look(edge.endpoint("modern"))

    assert (plain.accepted, plain.plaintext, secure.plaintext) == ((), True, False)
    assert plain.trouble == "no TLS handshake with localhost: the server speaks plain HTTP on this TLS port"


@pytest.mark.parametrize("scheme", ["https", "postgresql", "rediss"])
@pytest.mark.parametrize("talk", [hostile.says_nothing, hostile.resets, hostile.tls_garbage, hostile.says(b"")])
def test_plain_answers_that_are_none(scheme: str, talk: hostile.Talk) -> None:
    """Silence, a reset, garbage or an end is never taken for being served."""
    with hostile.serving(talk) as server:
        endpoint = at(server.address[1], scheme=scheme)
        assert serves_plaintext(endpoint, deadline=Deadline.after(0.3)) is not True
